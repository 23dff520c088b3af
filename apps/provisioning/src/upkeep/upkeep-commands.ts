import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { InTenant } from '#libs/catalog';
import { type ConnectionCommand, type ConnectionState, connectionDecider } from '#libs/domain';
import { decideAndAppend, deriveId, type Outcome } from '#libs/event-store';
import { type CommandMetadata, streamName, system } from '#libs/kernel';
import { KEYRING, type Keyring, WRITE_PATH, type WritePath } from '#libs/platform';

/** Namespace of the command ids of upkeep (uuid v5). Fixed for ever. */
const UPKEEP = '0b9c2b6e-6d0b-5a3f-8c55-2f6f3b1f9d47';

/** What upkeep says to the domain, and in whose name. */
@Injectable()
export class UpkeepCommands {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(KEYRING) private readonly keyring: Pick<Keyring, 'lookupHmac'>,
  ) {}

  /** Metadata of a command that upkeep gives by itself; the same facts are the same command, so a repeat after a crash is recognised. */
  metadata(tenant: string, facts: readonly string[]): CommandMetadata {
    const commandId = uuidv5(JSON.stringify([tenant, ...facts]), UPKEEP);
    return {
      tenant,
      actor: system('upkeep'),
      commandId,
      commandDigest: this.keyring.lookupHmac('command', commandId),
      correlationId: commandId,
      now: this.path.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    };
  }

  /** Carries out a command on a connection. */
  run(
    connection: Pick<InTenant<ConnectionState>, 'tenant' | 'id'>,
    command: ConnectionCommand,
  ): Promise<Outcome<ConnectionState>> {
    const stream = streamName({ category: 'connection', tenant: connection.tenant, id: connection.id });
    return decideAndAppend(this.path, stream, connectionDecider, command);
  }
}

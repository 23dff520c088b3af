import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import { deriveId } from '#libs/event-store';
import { type CommandMetadata, type EventMetadata, type RecordedEvent, system } from '#libs/kernel';
import { KEYRING, type Keyring, WRITE_PATH, type WritePath } from '#libs/platform';

/** Namespace of the command ids of governance that no event caused (uuid v5). Fixed for good. */
const GOVERNANCE = '5d0c7a0e-7c1b-5b52-9f0a-3a1f6f4f0c86';

/** The event that caused a command. */
export interface Cause extends Pick<RecordedEvent, 'id' | 'tenant'> {
  readonly metadata: Pick<EventMetadata, 'correlationId'>;
}

/** Metadata of the commands that governance gives by itself: the same cause or the same facts are the same command, so a repeat is recognised. */
@Injectable()
export class GovernanceCommands {
  constructor(
    @Inject(WRITE_PATH) private readonly path: Pick<WritePath, 'clock'>,
    @Inject(KEYRING) private readonly keyring: Pick<Keyring, 'lookupHmac'>,
  ) {}

  /** Of a command that an event caused; `what` tells the commands of one event apart. */
  because({ id, tenant, metadata }: Cause, what: string): CommandMetadata {
    const commandId = uuidv5(what, id);
    return { ...this.#of(tenant, commandId), correlationId: metadata.correlationId, causationId: id };
  }

  /** Of a command that time or a scan caused: it is what the facts say. */
  byItself(tenant: string, facts: readonly (string | number)[]): CommandMetadata {
    return this.#of(tenant, uuidv5(JSON.stringify([tenant, ...facts]), GOVERNANCE));
  }

  #of(tenant: string, commandId: string): CommandMetadata {
    return {
      tenant,
      actor: system('governance'),
      commandId,
      commandDigest: this.keyring.lookupHmac('command', commandId),
      correlationId: commandId,
      now: this.path.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    };
  }
}

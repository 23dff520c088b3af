import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandBus } from '@nestjs/cqrs';
import { v5 as uuidv5 } from 'uuid';
import { UpkeepSchedule } from '#libs/configuration';
import type { ConnectionSettings } from '#libs/contracts';
import type { Lease } from '#libs/database';
import { type ConnectionCommand, type ConnectionState, connectionDecider } from '#libs/domain';
import { decideAndAppend, deriveId } from '#libs/event-store';
import { type CommandMetadata, streamName, system } from '#libs/kernel';
import { createLog, type Engine, openEngine, readEnvironment } from '#libs/platform';
import { buildIdentityProviderMetadata, type IdentityProviderDescription } from '#libs/saml-idp';
import { UpkeepCommands } from './upkeep-commands.js';
import type { UpkeepTask } from './upkeep-task.js';

const NAMESPACE = '7c1e3a55-3b0e-4f39-9c5b-6a0d2d2f1b68';
const log = createLog({ level: 'silent', readable: false });

/** When these tests begin. */
export const BEGINS = '2026-03-02T08:00:00.000Z';
/** Lengths of time, milliseconds. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An engine on an embedded database of its own whose clock stands still until it is told otherwise, and upkeep with nobody else. */
export class UpkeepBench {
  readonly commands: UpkeepCommands;
  #count = 0;

  private constructor(
    readonly engine: Engine,
    private readonly lease: Lease,
    private schedule: UpkeepSchedule,
    private readonly time: { now: Date },
    private readonly dataDir: string,
  ) {
    this.commands = new UpkeepCommands(engine.writePath, engine.keyring);
  }

  static async open(): Promise<UpkeepBench> {
    const dataDir = mkdtempSync(join(tmpdir(), 'gatebook-upkeep-'));
    const time = { now: new Date(BEGINS) };
    const environment = readEnvironment({ GATEBOOK_DATA_DIR: dataDir });
    const engine = await openEngine({ environment, log, clock: { now: () => time.now } });
    const lease = (await engine.leases.acquire('upkeep')) as Lease;
    const schedule = await UpkeepSchedule.read({ database: engine.database, lease });
    return new UpkeepBench(engine, lease, schedule, time, dataDir);
  }

  get now(): Date {
    return this.time.now;
  }

  /** Time goes by. */
  passes(ms: number): void {
    this.time.now = new Date(this.now.getTime() + ms);
  }

  /** A process looks once at what is due. */
  look(task: UpkeepTask): Promise<void> {
    return task.look(this.schedule, new AbortController().signal);
  }

  /** Another process takes over, with nothing but what was written down. */
  async takenOver(): Promise<void> {
    this.schedule = await UpkeepSchedule.read({ database: this.engine.database, lease: this.lease });
  }

  /** Registers a connection, or changes it to these settings. */
  configure(id: string, settings: ConnectionSettings, enabled = true): Promise<ConnectionState> {
    const data = { connection: id, settings, enabled, managedBy: 'api', reason: null } as const;
    return this.does(id, { type: 'ConfigureConnection', data });
  }

  /** Removes every connection, so that nothing is left to look after. */
  async clear(): Promise<void> {
    for (const { id } of (await this.engine.catalog.current()).connections())
      await this.does(id, { type: 'RemoveConnection', data: { managedBy: 'api', reason: null } });
  }

  /** Carries out a command on a connection. */
  async does(id: string, command: Pick<ConnectionCommand, 'type' | 'data'>): Promise<ConnectionState> {
    const stream = streamName({ category: 'connection', tenant: 'acme', id });
    const whole = { ...command, metadata: this.metadata() } as ConnectionCommand;
    return (await decideAndAppend(this.engine.writePath, stream, connectionDecider, whole)).state;
  }

  /** Metadata of a command that an administrator gives now. */
  metadata(commandId = uuidv5(`${this.#count++}`, NAMESPACE)): CommandMetadata {
    return {
      tenant: 'acme',
      actor: system('test'),
      commandId,
      commandDigest: '0'.repeat(64),
      correlationId: commandId,
      now: this.now.toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    };
  }

  /** The connection as it stands. */
  async connection(id: string) {
    const found = (await this.engine.catalog.current()).connection(id);
    if (!found) throw new Error(`There is no connection ${id}.`);
    return found;
  }

  /** What a stream says. */
  async events(category: string, id: string): Promise<readonly { readonly type: string; readonly data: unknown }[]> {
    const stored = await this.engine.store.readStream(streamName({ category, tenant: 'acme', id }));
    return (await this.engine.codec.decode(stored)).map(({ type, data }) => ({ type, data }));
  }

  async close(): Promise<void> {
    await this.lease.release();
    await this.engine.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** A command bus with one handler, without the rest of an application. */
export function busOf(handler: { execute(command: never): Promise<unknown> }): CommandBus {
  const bus = Object.create(CommandBus.prototype) as CommandBus;
  bus.execute = ((command: never) => handler.execute(command)) as CommandBus['execute'];
  return bus;
}

/** A place on loopback where an identity provider publishes its metadata. */
export interface Publisher {
  readonly url: string;
  /** What is published; null: nothing is found there. */
  document: string | null;
  /** How often it was asked for. */
  readonly asked: number;
  close(): Promise<void>;
}

/** Publishes metadata on a free port of the loopback interface. */
export async function publish(document: string | null): Promise<Publisher> {
  const state = { document, asked: 0 };
  const server = createServer((_request, response) => {
    state.asked += 1;
    response.writeHead(state.document === null ? 404 : 200).end(state.document ?? '');
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const closed = Promise.withResolvers<void>();
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`,
    close: () => {
      server.close(() => closed.resolve());
      server.closeAllConnections();
      return closed.promise;
    },
  });
}

/** Metadata of an identity provider; `validUntil` may be added. */
export function metadataOf(
  idp: Partial<IdentityProviderDescription> & { certificatePem: string },
  validUntil?: Date,
): string {
  const xml = buildIdentityProviderMetadata({
    entityId: 'https://idp.example',
    ssoUrl: 'https://idp.example/sso',
    ...idp,
  });
  if (!validUntil) return xml;
  return xml.replace('<md:EntityDescriptor ', `<md:EntityDescriptor validUntil="${validUntil.toISOString()}" `);
}

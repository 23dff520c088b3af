import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { AuditRead } from '#libs/contracts';
import { appendOnce, deriveId } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { type Caller, describeError, KEYRING, type Keyring, WRITE_PATH, type WritePath } from '#libs/platform';
import { maySeePersonal } from '../reading/read-model.js';
import { CountedReads, type Stretch } from './counted-reads.js';

/** How often it is looked whether reads were counted long enough, in milliseconds. */
const LOOK_EVERY_MS = 60_000;

/** What somebody takes out of the audit. */
export interface Taken extends Pick<AuditRead['data'], 'what' | 'report' | 'file' | 'after' | 'through' | 'personal'> {
  /** Whose data; `installation` for what belongs to no tenant. */
  readonly tenant: string;
}

/** What an answer shows of the audit; small enough that many of them are counted together. */
export interface Seen extends Stretch {
  readonly what: 'events' | 'access';
  /** Whose data, each named once. */
  readonly tenants: Iterable<string>;
}

/** That an answer shows who holds what in a tenant, or why. */
export const accessOf = (tenant: string): Seen => ({ what: 'access', tenants: [tenant], after: null, through: null });

/** Writes down who takes data out of the audit. */
@Injectable()
export class AuditReads implements OnApplicationShutdown {
  readonly #log = new Logger('audit');
  readonly #counted: CountedReads;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(KEYRING) private readonly keyring: Pick<Keyring, 'lookupHmac'>,
  ) {
    this.#counted = new CountedReads(
      ({ actor, tenant, what, personal }, count) =>
        this.#append(actor, tenant, { what, report: null, file: null, personal, ...count }),
      () => path.clock.now(),
    );
  }

  /** Records one taking. Call it before the first byte leaves: what cannot be recorded is not given out. */
  async record({ actor }: Pick<Caller, 'actor'>, { tenant, ...taken }: Taken): Promise<void> {
    await this.#append(actor, tenant, { ...taken, reads: 1, since: this.path.clock.now().toISOString() });
  }

  /** Records that an answer shows something: the first of ten minutes by itself, the others together. Call it before the answer. */
  async count(caller: Caller, { what, tenants, after, through }: Seen): Promise<void> {
    this.#timer ??= setInterval(() => void this.#writeElapsed(), LOOK_EVERY_MS).unref();
    const personal = maySeePersonal(caller);
    for (const tenant of tenants)
      await this.#counted.count({ actor: caller.actor, tenant, what, personal }, { after, through });
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#counted.write('all').catch((error) => this.#warn(error));
  }

  async #writeElapsed(): Promise<void> {
    // they are kept for the next round
    await this.#counted.write('elapsed').catch((error) => this.#warn(error));
  }

  #warn(error: unknown): void {
    this.#log.warn({ err: describeError(error) }, 'reads of the audit could not be written down');
  }

  async #append(actor: Caller['actor'], tenant: string, data: AuditRead['data']): Promise<void> {
    // every reading counts, however alike two of them are
    const commandId = randomUUID();
    const event: AuditRead = { type: 'AuditRead', data };
    await appendOnce(this.path, streamName({ category: 'auditRead', tenant, id: commandId }), [event], {
      tenant,
      actor,
      commandId,
      commandDigest: this.keyring.lookupHmac('command', commandId),
      correlationId: commandId,
      now: this.path.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    });
  }
}

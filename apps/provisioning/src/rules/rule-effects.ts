import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { v5 as uuidv5 } from 'uuid';
import type { Catalog, CatalogView } from '#libs/catalog';
import { evaluateRules, type GrantsOf, StandingGrants, touchesRules } from '#libs/configuration';
import type { ConnectionEvent, RoleEvent, RolesAssigned } from '#libs/contracts';
import { type AccountCommand, ownedDomains, type ReevaluateRules, type RevokeAllOf } from '#libs/domain';
import { deriveId } from '#libs/event-store';
import type { Sessions } from '#libs/identity';
import { type CommandMetadata, type RecordedEvent, system } from '#libs/kernel';
import {
  CATALOG,
  KEYRING,
  type Keyring,
  RunAccountCommand,
  SESSIONS,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';

/** Commands under way at a time: enough to share commits, few enough to let sign-ins through. */
const AT_ONCE = 16;

type Cause = RecordedEvent & (ConnectionEvent | RoleEvent | RolesAssigned);
type Wanted = Pick<ReevaluateRules, 'type' | 'data'> | Pick<RevokeAllOf, 'type' | 'data'>;

/**
 * What follows for accounts and sessions when a connection or a role changes: changed rules take back at once and give nothing, retired
 * roles and removed connections take back whatever they gave, disabled connections end their sessions. Carried out again for the
 * same event, nothing happens a second time.
 */
@Injectable()
export class RuleEffects {
  constructor(
    private readonly commands: CommandBus,
    private readonly standing: StandingGrants,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(SESSIONS) private readonly sessions: Sessions,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(KEYRING) private readonly keyring: Keyring,
  ) {}

  /** Carries out what follows from an event. @returns whether anything did, or could have */
  async follow(event: RecordedEvent): Promise<boolean> {
    const cause = event as Cause;
    const { tenant } = cause;
    switch (cause.type) {
      case 'ConnectionChanged':
        if (!touchesRules(cause.data.changed)) return false;
        await this.#reevaluate(cause, cause.data.connection);
        return true;
      case 'ConnectionDisabled':
        await this.sessions.endAllThrough(tenant, cause.data.connection);
        return true;
      case 'ConnectionRemoved':
        await this.sessions.endAllThrough(tenant, cause.data.connection);
        await this.#revokeAll(cause, { tenant, connection: cause.data.connection });
        return true;
      case 'RoleRetired':
        await this.#revokeAll(cause, { tenant, role: cause.data.role });
        return true;
      case 'RolesAssigned':
        return this.#takeBackLate(cause, cause.data, await this.catalog.current());
      default:
        return false;
    }
  }

  /** Over each person's last recorded claims, by the rules as they stand now. */
  async #reevaluate(cause: RecordedEvent, connectionId: string, account?: string): Promise<void> {
    const { tenant } = cause;
    const catalog = await this.catalog.current();
    const state = catalog.connection(connectionId);
    if (state?.status !== 'present' || state.settings === null) return;
    const { version, settings } = state;
    const connection = { id: connectionId, version, settings, ownedDomains: ownedDomains(state) };
    const liveRoles = catalog.liveRoles(tenant);
    const evidence = state.lastChange ?? cause.id;
    await this.standing.catchUp();
    const now = this.path.clock.now().toISOString();
    const evaluation = evaluateRules(
      { standing: this.standing, path: this.path },
      { tenant, connection, liveRoles, account },
      now,
    );
    const losing = filtered(evaluation, ({ lost }) => lost.size > 0);
    await this.#runAll(losing, ({ account, judgements }) => ({
      account,
      cause,
      wanted: { type: 'ReevaluateRules', data: { connection, judgements, liveRoles, evidence } },
    }));
  }

  async #revokeAll(cause: RecordedEvent, of: GrantsOf): Promise<void> {
    await this.standing.catchUp();
    const now = this.path.clock.now().toISOString();
    const holders = eachOf(this.standing.pagesOf(of, now));
    await this.#runAll(holders, ({ account }) => ({ account, cause, wanted: revocation(of, cause) }));
  }

  /**
   * A sign-in, or an administrator, may have decided just before a change and appended just after it. Whoever was given a role by older
   * rules, from a removed connection, or a role that is retired, loses it again.
   */
  async #takeBackLate(cause: RecordedEvent, { account, grants }: RolesAssigned['data'], catalog: CatalogView) {
    const { tenant } = cause;
    const sources = grants.flatMap(({ source }) => (source.connection === null ? [] : [source]));
    const connections = new Map(sources.map(({ connection, connectionVersion }) => [connection, connectionVersion]));
    const retired = grants.filter(({ role }) => catalog.role(tenant, role)?.status === 'retired');
    for (const role of new Set(retired.map((grant) => grant.role)))
      await this.#run({ account, cause, wanted: revocation({ tenant, role }, cause) });
    let late = retired.length > 0;
    for (const [connection, version] of connections) {
      const state = catalog.connection(connection as string);
      const older = state !== undefined && (version ?? 0) < state.version;
      late ||= older || state?.status === 'removed';
      if (state?.status === 'removed')
        await this.#run({ account, cause, wanted: revocation({ tenant, connection: state.id }, cause) });
      else if (older) await this.#reevaluate(cause, state.id, account);
    }
    return late;
  }

  /**
   * Runs one command for each item, a few at a time. An account that fails holds nobody else up, but for a batch that fails as a whole: then
   * it is not the account.
   * @throws when anything failed, after all others were carried out: the caller tries again, and what was done is recognised
   */
  async #runAll<T>(items: AsyncIterable<T>, asRun: (item: T) => Run): Promise<void> {
    let failed = 0;
    let cause: unknown;
    let batch: T[] = [];
    const flush = async () => {
      const results = await Promise.allSettled(batch.map((item) => this.#run(asRun(item))));
      const failures = results.filter((result) => result.status === 'rejected');
      failed += failures.length;
      cause ??= failures[0]?.reason;
      batch = [];
      if (failures.length === AT_ONCE) throw incomplete(failed, cause);
    };
    for await (const item of items) {
      batch.push(item);
      if (batch.length === AT_ONCE) await flush();
    }
    await flush();
    if (failed > 0) throw incomplete(failed, cause);
  }

  async #run({ account, cause, wanted }: Run): Promise<void> {
    const command = { ...wanted, metadata: this.#metadata(account, cause, wanted) } as AccountCommand;
    await this.commands.execute(new RunAccountCommand(account, command));
  }

  /** One command for each event, account and kind of effect: a repeat after a crash is recognised. */
  #metadata(account: string, cause: RecordedEvent, wanted: Wanted): CommandMetadata {
    const what = wanted.type === 'RevokeAllOf' ? JSON.stringify(wanted.data.of) : wanted.data.connection.id;
    const commandId = uuidv5([account, wanted.type, what].join('/'), cause.id);
    return {
      tenant: cause.tenant,
      actor: system('rules'),
      commandId,
      commandDigest: this.keyring.lookupHmac('command', commandId),
      correlationId: cause.metadata.correlationId,
      causationId: cause.id,
      now: this.path.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    };
  }
}

interface Run {
  readonly account: string;
  readonly cause: RecordedEvent;
  readonly wanted: Wanted;
}

const incomplete = (accounts: number, cause: unknown): Error =>
  new Error(`What follows from a change could not be carried out for ${accounts} accounts.`, { cause });

/** Of what had begun when the cause was recorded: a cause that is followed late must not take what was given since. */
function revocation(of: GrantsOf, { id, recordedAt }: RecordedEvent): Wanted {
  const what = 'role' in of ? { role: of.role } : { connection: of.connection };
  return { type: 'RevokeAllOf', data: { of: what, before: recordedAt, evidence: id } };
}

async function* filtered<T>(items: AsyncIterable<T>, keep: (item: T) => boolean): AsyncIterable<T> {
  for await (const item of items) if (keep(item)) yield item;
}

async function* eachOf<T>(pages: AsyncIterable<readonly T[]>): AsyncIterable<T> {
  for await (const page of pages) yield* page;
}

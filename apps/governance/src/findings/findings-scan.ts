import { Inject, Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Catalog } from '#libs/catalog';
import type { FindingKind } from '#libs/contracts';
import type { Database } from '#libs/database';
import { CATALOG, CLOCK, type Clock, DATABASE, describeError } from '#libs/platform';
import { findKnownFindings, type StandingFinding } from '#libs/read-model';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { Principals } from '../reading/principals.js';
import { ReadModelPlace } from '../reading/read-model-place.js';
import { forEachAtOnce } from './at-once.js';
import { type Candidate, findingIdOf } from './candidate.js';
import { FindingActions } from './finding-actions.js';
import { FindingRecords } from './finding-records.js';
import { dormantLook } from './looking/dormant-accounts.js';
import type { Look, Looking } from './looking/looking.js';
import { orphanLook } from './looking/orphan-accounts.js';
import { unknownGroupsLook } from './looking/unknown-groups.js';
import { unresolvedLook } from './looking/unresolved-people.js';
import { unsponsoredLook } from './looking/unsponsored-accounts.js';
import { unusedLook } from './looking/unused-grants.js';
import { SodScan } from './sod-scan.js';
import { standingOf, standingOutside } from './standing-findings.js';
import { type Watch, watchesOf } from './watches.js';

/** Kinds that time brings about: no event shows them. */
const LOOKS: Partial<Record<FindingKind, Look>> = {
  dormant: dormantLook,
  orphan: orphanLook,
  unresolved: unresolvedLook,
  unknownGroups: unknownGroupsLook,
  unsponsored: unsponsoredLook,
  unused: unusedLook,
};

/** Findings that are remembered as closed by hand, so that their streams are not read in each run. */
const SETTLED_MAX = 50_000;

/** A look at one tenant under way. */
interface Round extends Looking {
  readonly tenant: string;
  readonly signal: AbortSignal;
}

/**
 * Looks all tenants through for what no event shows: what is found is raised, what holds no more is resolved, what lost its policy ends, and
 * policies act upon what they may. Done twice it changes nothing a second time. While the read model is behind, nothing is
 * looked at: what it lacks would be taken for what is not so.
 */
@Injectable()
export class FindingsScan {
  readonly #log = new Logger(FindingsScan.name);
  readonly #settled = new LRUCache<string, true>({ max: SETTLED_MAX });

  constructor(
    private readonly records: FindingRecords,
    private readonly actions: FindingActions,
    private readonly sod: SodScan,
    private readonly commands: GovernanceCommands,
    private readonly principals: Principals,
    private readonly place: ReadModelPlace,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** One run. What fails holds nothing else up. @throws {ReadModelBehindError} before anything else of a tenant @throws when anything failed, after everything was tried */
  async run(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const catalog = await this.catalog.current();
    const failures: unknown[] = [];
    for (const { id: tenant } of catalog.tenants()) {
      if (signal.aborted) return;
      const now = this.clock.now().toISOString();
      const knownAt = await this.place.caughtUp();
      const { database, principals } = this;
      const round = { tenant, database, catalog, principals, now, knownAt, signal };
      const watches = watchesOf(catalog, tenant);
      await this.#endThoseWithoutPolicy(round, watches).catch((error: unknown) => failures.push(error));
      for (const watch of watches) await this.#follow(round, watch).catch((error: unknown) => failures.push(error));
    }
    for (const error of failures) this.#log.error({ err: describeError(error) }, 'a look failed and comes again');
    if (failures.length > 0) throw new Error(`${failures.length} looks for findings failed.`, { cause: failures[0] });
  }

  async #follow(round: Round, watch: Watch): Promise<void> {
    const look = LOOKS[watch.kind];
    if (look) await this.#look(round, watch, look);
    if (watch.sod) await this.sod.look(round, watch);
    if (watch.policy && watch.action !== 'finding' && !round.signal.aborted) await this.actions.act(watch, round.now);
  }

  async #look(round: Round, watch: Watch, look: Look): Promise<void> {
    const { tenant, now, database, signal } = round;
    const found = new Set<string>();
    for await (const page of look(round, watch)) {
      if (signal.aborted) return;
      const ids = new Map(page.map((candidate) => [findingIdOf(watch, candidate), candidate]));
      for (const id of ids.keys()) found.add(id);
      const known = await findKnownFindings(database, { tenant, now, findings: [...ids.keys()] });
      const news = [...ids].filter(
        ([id, candidate]) => !known.has(id) && !this.#settled.has(settledKey(id, candidate)),
      );
      await this.#raiseAll(round, watch, news);
    }
    for await (const page of standingOf(database, watch)) {
      const gone = page.filter(({ finding }) => !found.has(finding));
      await this.#resolveAll(round, gone, 'gone');
    }
  }

  #raiseAll(
    { tenant, now, signal }: Round,
    watch: Watch,
    news: readonly (readonly [string, Candidate])[],
  ): Promise<void> {
    return forEachAtOnce(news, signal, async ([id, candidate]) => {
      const metadata = this.commands.byItself(tenant, ['finding', id, 'raise', now]);
      const { events, state } = await this.records.raise(watch, candidate, metadata);
      if (events.length === 0 && state.status === 'resolved') this.#settled.set(settledKey(id, candidate), true);
    });
  }

  async #endThoseWithoutPolicy(round: Round, watches: readonly Watch[]): Promise<void> {
    for await (const ended of standingOutside(round.database, round.tenant, watches))
      await this.#resolveAll(round, ended, 'policy-ended');
  }

  #resolveAll(
    { tenant, now, signal }: Round,
    findings: readonly StandingFinding[],
    code: 'gone' | 'policy-ended',
  ): Promise<void> {
    return forEachAtOnce(findings, signal, ({ finding }) => {
      const metadata = this.commands.byItself(tenant, ['finding', finding, code, now]);
      return this.records.resolve(metadata, finding, { code, event: null });
    });
  }
}

/** What somebody closed by hand is looked at again only where something else shows it. */
const settledKey = (id: string, { event, since, details }: Candidate): string =>
  JSON.stringify([id, event, since, details]);

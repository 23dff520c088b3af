import { Inject, Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Catalog } from '#libs/catalog';
import type { FindingKind } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { FindingState } from '#libs/domain';
import type { Outcome } from '#libs/event-store';
import { CATALOG, CLOCK, type Clock, DATABASE, describeError } from '#libs/platform';
import type { FindingRecord } from '#libs/read-model';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { Principals } from '../reading/principals.js';
import { ReadModelPlace } from '../reading/read-model-place.js';
import { forEachAtOnce } from './at-once.js';
import { type Candidate, findingIdOf } from './candidate.js';
import { FindingActions } from './finding-actions.js';
import { FindingNotices } from './finding-notices.js';
import { FindingRecords } from './finding-records.js';
import { dormantLook } from './looking/dormant-accounts.js';
import type { Look, Looking } from './looking/looking.js';
import { orphanLook } from './looking/orphan-accounts.js';
import { unknownGroupsLook } from './looking/unknown-groups.js';
import { unresolvedLook } from './looking/unresolved-people.js';
import { unsponsoredLook } from './looking/unsponsored-accounts.js';
import { unusedLook } from './looking/unused-grants.js';
import { SodScan } from './sod-scan.js';
import { standingFindings } from './standing-findings.js';
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
  readonly standing: readonly FindingRecord[];
  readonly signal: AbortSignal;
}

/**
 * Looks all tenants through for what no event shows: what is found is raised, what holds no more is resolved, what lost its policy ends, and
 * policies act upon what they may. Done twice it changes nothing a second time.
 */
@Injectable()
export class FindingsScan {
  readonly #log = new Logger(FindingsScan.name);
  readonly #settled = new LRUCache<string, true>({ max: SETTLED_MAX });

  constructor(
    private readonly records: FindingRecords,
    private readonly actions: FindingActions,
    private readonly sod: SodScan,
    private readonly notices: FindingNotices,
    private readonly commands: GovernanceCommands,
    private readonly principals: Principals,
    private readonly place: ReadModelPlace,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** One run. What fails holds nothing else up. @throws when anything failed, after everything was tried */
  async run(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const catalog = await this.catalog.current();
    const failures: unknown[] = [];
    for (const { id: tenant } of catalog.tenants()) {
      if (signal.aborted) return;
      const now = this.clock.now().toISOString();
      const knownAt = await this.place.position();
      const standing = await standingFindings(this.database, tenant, now);
      const { database, principals } = this;
      const round = { tenant, database, catalog, principals, now, knownAt, standing, signal };
      const watches = watchesOf(catalog, tenant);
      await this.#endThoseWithoutPolicy(round, watches).catch((error: unknown) => failures.push(error));
      for (const watch of watches) await this.#follow(round, watch).catch((error: unknown) => failures.push(error));
    }
    for (const error of failures) this.#log.error({ err: describeError(error) }, 'a look failed and comes again');
    if (failures.length > 0) throw new Error(`${failures.length} looks for findings failed.`, { cause: failures[0] });
  }

  async #follow(round: Round, watch: Watch): Promise<void> {
    const mine = round.standing.filter((finding) => isOf(finding, watch));
    const look = LOOKS[watch.kind];
    const still = look ? await this.#look(round, watch, { look, mine }) : mine;
    if (watch.sod) await this.sod.look(round, watch, mine);
    if (watch.policy && watch.action !== 'finding' && !round.signal.aborted)
      await this.actions.act(watch, still, round.now);
  }

  /** @returns those of the known that still hold; none where the look was broken off */
  async #look(
    round: Round,
    watch: Watch,
    { look, mine }: { readonly look: Look; readonly mine: readonly FindingRecord[] },
  ): Promise<readonly FindingRecord[]> {
    const known = new Set(mine.filter(isKnown).map(({ finding }) => finding));
    const found = new Set<string>();
    for await (const page of look(round, watch)) {
      if (round.signal.aborted) return [];
      const ids = new Map(page.map((candidate) => [findingIdOf(watch, candidate), candidate]));
      for (const id of ids.keys()) found.add(id);
      const news = [...ids].filter(
        ([id, candidate]) => !known.has(id) && !this.#settled.has(settledKey(id, candidate)),
      );
      await this.#raiseAll(round, watch, news);
    }
    const gone = mine.filter(({ finding }) => !found.has(finding));
    await this.#resolveAll(round, gone, 'gone');
    return mine.filter(({ finding }) => found.has(finding));
  }

  /** Whoever answers for some of it is told once, also when raising the rest failed. */
  async #raiseAll(
    { tenant, now, signal }: Round,
    watch: Watch,
    news: readonly (readonly [string, Candidate])[],
  ): Promise<void> {
    const raised: Outcome<FindingState>[] = [];
    try {
      await forEachAtOnce(news, signal, async ([id, candidate]) => {
        const metadata = this.commands.byItself(tenant, ['finding', id, 'raise', now]);
        const outcome = await this.records.raise(watch, candidate, metadata);
        raised.push(outcome);
        const settled = outcome.events.length === 0 && outcome.state.status === 'resolved';
        if (settled) this.#settled.set(settledKey(id, candidate), true);
      });
    } finally {
      await this.notices.tell(tenant, raised, now);
    }
  }

  #endThoseWithoutPolicy(round: Round, watches: readonly Watch[]): Promise<void> {
    const ended = round.standing.filter((finding) => !watches.some((watch) => isOf(finding, watch)));
    return this.#resolveAll(round, ended, 'policy-ended');
  }

  #resolveAll(
    { tenant, now, signal }: Round,
    findings: readonly FindingRecord[],
    code: 'gone' | 'policy-ended',
  ): Promise<void> {
    return forEachAtOnce(findings, signal, ({ finding }) => {
      const metadata = this.commands.byItself(tenant, ['finding', finding, code, now]);
      return this.records.resolve(metadata, finding, { code, event: null });
    });
  }
}

const isOf = (finding: FindingRecord, { kind, policy }: Watch): boolean =>
  finding.kind === kind && finding.policy === (policy?.id ?? null);

/** Known and not to be raised again: one whose acceptance is over is. */
const isKnown = ({ status, acceptedUntil }: FindingRecord): boolean => status === 'accepted' || acceptedUntil === null;

/** What somebody closed by hand is looked at again only where something else shows it. */
const settledKey = (id: string, { event, since, details }: Candidate): string =>
  JSON.stringify([id, event, since, details]);

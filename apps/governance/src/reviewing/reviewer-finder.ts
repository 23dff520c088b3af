import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Catalog, CatalogView } from '#libs/catalog';
import type { GrantSource, Reviewer, ReviewPolicy } from '#libs/contracts';
import { type Assignment, elevationDecider, giverOf, reviewersFor } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { CATALOG, WRITE_PATH, type WritePath } from '#libs/platform';
import { PeopleBehind } from '../people/people-behind.js';
import { Principals } from '../reading/principals.js';
import type { Candidate } from './candidate.js';

/** What of a candidate decides who is asked. */
export type Questioned = Pick<
  Candidate,
  'account' | 'source' | 'application' | 'roleOwner' | 'manager' | 'directory'
> & {
  /** Accounts that certified an earlier stage; nobody if absent. */
  readonly certifiedBy?: readonly string[];
};

const ELEVATION = 'elevation:';

/** Sources of grants whose givers one review remembers. */
const GIVERS_MAX = 10_000;

/** Finds who is asked about grants. */
@Injectable()
export class ReviewerFinder {
  constructor(
    private readonly principals: Principals,
    private readonly behind: PeopleBehind,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** Begins to look for reviewers under the terms of one review; whoever was found once is known until the end. */
  async under(tenant: string, terms: ReviewPolicy): Promise<Reviewers> {
    return new Reviewers(tenant, terms, await this.catalog.current(), this.principals, this);
  }

  /**
   * Accounts that gave a grant, approved the elevation that gave it, or took it in an emergency for somebody else, in person or through a
   * key that they made; of one that was merged, also the account that goes on for its person.
   */
  async approversOf(tenant: string, source: GrantSource | null): Promise<ReadonlySet<string>> {
    return this.behind.accountsOf(tenant, await this.#whoGave(tenant, source));
  }

  /** As `kind:id`. */
  async #whoGave(tenant: string, source: GrantSource | null): Promise<readonly string[]> {
    const id =
      source?.kind === 'elevation' && source.actor?.startsWith(ELEVATION) && source.actor.slice(ELEVATION.length);
    if (!id) return [giverOf(source)].filter((giver) => giver !== null);
    const stream = streamName({ category: 'elevation', tenant, id });
    const { state } = await readAggregate(this.path, stream, elevationDecider);
    const { breakGlass, requestedBy, filedBy, approvals, approvedThrough } = state;
    const taken = breakGlass ? [filedBy, ...(requestedBy === null ? [] : [`account:${requestedBy}`])] : [];
    return [...approvals.map((account) => `account:${account}`), ...approvedThrough, ...taken];
  }
}

/** Reviewers under the terms of one review. */
export class Reviewers {
  readonly #accounts = new Map<string, string | null>();
  /** Likewise of managers, by the directory of those who name them. */
  readonly #managers = new Map<string, Map<string, string | null>>();
  /** Actor of a source → who gave what comes from it. */
  readonly #givers = new LRUCache<string, Promise<ReadonlySet<string>>>({
    // not `max`, which makes room for all of them at once: most reviews are about one grant
    maxSize: GIVERS_MAX,
    sizeCalculation: () => 1,
  });

  constructor(
    readonly tenant: string,
    readonly terms: ReviewPolicy,
    private readonly catalog: CatalogView,
    private readonly principals: Pick<Principals, 'findAll'>,
    private readonly finder: Pick<ReviewerFinder, 'approversOf'>,
  ) {}

  /** Who is asked in a stage, for each of the candidates; every principal is looked up once. */
  async assign(candidates: readonly Questioned[], stage = 0): Promise<Assignment[]> {
    const asked = this.terms.stages[stage] ?? { reviewers: [], fallback: [] };
    await this.#find([...asked.fallback, ...candidates.flatMap((one) => this.#namedFor(asked.reviewers, one))]);
    if (asked.reviewers.some(({ kind }) => kind === 'manager')) await this.#findManagers(candidates);
    return Promise.all(candidates.map((candidate) => this.#assignOne(asked, candidate)));
  }

  /** Those whom the fallback of a stage names, and who may decide; null when nobody can be found. */
  async fallback(candidate: Questioned, stage: number): Promise<Assignment | null> {
    const { fallback = [] } = this.terms.stages[stage] ?? {};
    return this.named(candidate, fallback);
  }

  /** Those of the principals who may decide; null when there are none. */
  async named(candidate: Questioned, principals: readonly string[]): Promise<Assignment | null> {
    await this.#find(principals);
    const found = await this.#assignOne({ reviewers: [], fallback: [...principals] }, candidate);
    return found.reviewers.length > 0 ? found : null;
  }

  /** Accounts of the people whom the scope names. */
  async people(): Promise<ReadonlySet<string>> {
    await this.#find(this.terms.scope.people);
    return new Set(this.terms.scope.people.flatMap((principal) => this.#accounts.get(principal) ?? []));
  }

  async #assignOne(
    stage: { readonly reviewers: readonly Reviewer[]; readonly fallback: readonly string[] },
    candidate: Questioned,
  ): Promise<Assignment> {
    const resolve = (principal: string | null) => (principal === null ? null : (this.#accounts.get(principal) ?? null));
    return reviewersFor(stage as ReviewPolicy['stages'][number], {
      account: candidate.account,
      approvedBy: await this.#approversOf(candidate.source),
      certifiedBy: candidate.certifiedBy ?? [],
      selfReview: this.terms.selfReview,
      manager: this.#managers.get(candidate.directory)?.get(candidate.manager ?? '') ?? null,
      roleOwner: resolve(candidate.roleOwner),
      applicationOwner: resolve(this.#applicationOwner(candidate.application)),
      resolve,
    });
  }

  #approversOf(source: GrantSource | null): Promise<ReadonlySet<string>> {
    const key = `${source?.kind} ${source?.actor}`;
    const known = this.#givers.get(key) ?? this.finder.approversOf(this.tenant, source);
    this.#givers.set(key, known);
    return known;
  }

  #namedFor(reviewers: readonly Reviewer[], { roleOwner, application }: Questioned): string[] {
    return reviewers.flatMap(({ kind, principal }) => {
      const named = {
        manager: null,
        roleOwner,
        applicationOwner: this.#applicationOwner(application),
        self: null,
        named: principal,
      };
      return named[kind] ?? [];
    });
  }

  #applicationOwner(application: string): string | null {
    const applications = this.catalog.tenant(this.tenant)?.settings?.applications ?? [];
    return applications.find(({ id }) => id === application)?.owner ?? null;
  }

  #find(principals: readonly string[]): Promise<void> {
    return this.#findIn(this.#accounts, principals);
  }

  async #findManagers(candidates: readonly Questioned[]): Promise<void> {
    for (const directory of new Set(candidates.map((candidate) => candidate.directory))) {
      const known = this.#managers.get(directory) ?? new Map<string, string | null>();
      this.#managers.set(directory, known);
      const managed = candidates.filter((candidate) => candidate.directory === directory);
      await this.#findIn(
        known,
        managed.flatMap(({ manager }) => manager ?? []),
        directory,
      );
    }
  }

  async #findIn(
    known: Map<string, string | null>,
    principals: readonly string[],
    ...directory: readonly [string?]
  ): Promise<void> {
    const unknown = [...new Set(principals)].filter((principal) => !known.has(principal));
    if (unknown.length === 0) return;
    const found = await this.principals.findAll(this.tenant, unknown, ...directory);
    for (const principal of unknown) known.set(principal, found.get(principal) ?? null);
  }
}

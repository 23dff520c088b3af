import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { ReviewScope } from '#libs/contracts';
import type { Database } from '#libs/database';
import { instantAfter } from '#libs/kernel';
import { CATALOG, DATABASE } from '#libs/platform';
import { type GrantInScope, grantsInScope } from '#libs/read-model';
import { silentAfterMs } from '../findings/watches.js';
import { type Candidate, candidateOf } from './candidate.js';

/** Grants of one page, for which there are a few statements: so few that nobody else waits long while its items are written. */
const PAGE_GRANTS = 500;

/** Which grants, as of when. */
export interface ScopeQuery {
  readonly tenant: string;
  readonly scope: ReviewScope;
  /** Accounts of the people whom the scope names. */
  readonly people: ReadonlySet<string>;
  /** Position of the sealed log. */
  readonly knownAt: number;
  /** Instant at which grants stand, ISO-8601 UTC. */
  readonly now: string;
}

/** Finds the grants that a review is about. */
@Injectable()
export class ScopePages {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /** All of them, a page at a time, always in the same order. */
  async *of({ tenant, scope, people, knownAt, now }: ScopeQuery): AsyncIterable<Candidate[]> {
    // people who cannot be found leave nothing, and not everybody
    if (scope.people.length > 0 && people.size === 0) return;
    const catalog = await this.catalog.current();
    const some = (names: readonly string[]) => (names.length > 0 ? names : undefined);
    const query = {
      tenant,
      knownAt,
      now,
      roles: some(scope.roles),
      applications: some(scope.applications),
      accounts: some([...people]),
      connections: some(scope.connections),
      ...(scope.privileged ? { privileged: true } : {}),
      ...(scope.orphans ? { orphans: { silentBefore: instantAfter(now, -silentAfterMs(catalog, tenant)) } } : {}),
    };
    let after: Pick<GrantInScope, 'grantedPosition' | 'grant'> | undefined;
    do {
      const found = await grantsInScope(this.database, { ...query, after, limit: PAGE_GRANTS });
      yield found.map((grant) => candidateOf(grant, catalog, tenant));
      after = found.length === PAGE_GRANTS ? found.at(-1) : undefined;
    } while (after !== undefined);
  }
}

import { unusedSince } from '#libs/domain';
import { type GrantInScope, grantsInScope, lastUses, type SourceOfUse } from '#libs/read-model';
import { endOf, sourcesIn, toldBy } from '../../usage/told-use.js';
import type { Candidate } from '../candidate.js';
import { afterMsOf, before, type Look, type Looking } from './looking.js';

/** Grants that one statement answers. */
const GRANTS_AT_ONCE = 1_000;

type Use = Awaited<ReturnType<typeof lastUses>>[number];

/** Grants that nobody has used for as long as the policy says, where use was told of for that long. Elevations end by themselves. */
export const unusedLook: Look = async function* (looking, watch) {
  if (watch.after === null) return;
  const { database, now } = looking;
  const { tenant } = watch;
  const afterMs = afterMsOf(watch, 0);
  const sources = await sourcesIn(database, tenant);
  const longTold = sources.filter(({ since }) => endOf(since) < before(now, afterMs));
  if (longTold.length === 0) return;
  for await (const grants of grantsOf(looking, tenant, [...new Set(longTold.map(({ application }) => application))])) {
    const uses = await lastUses(database, { tenant, accounts: [...new Set(grants.map(({ account }) => account))] });
    const usesOf = Map.groupBy(uses, ({ account }) => account);
    yield grants.flatMap((grant) => {
      const { account, grant: id, role, application, from } = grant;
      const lastUsedAt = latest(
        (usesOf.get(account) ?? []).filter((use) => isOf(use, grant)).map(({ usedOn }) => usedOn),
      );
      const told = toldBy(
        sources.filter((source) => isOf(source, grant)),
        now,
      );
      const since = unusedSince({ grantedAt: from.toISOString(), lastUsedAt, told }, afterMs);
      const details = { application, everUsed: lastUsedAt !== null };
      return since === null
        ? []
        : [{ code: 'grant-unused', account, grant: id, role, since, details } satisfies Candidate];
    });
  }
};

async function* grantsOf(
  { database, knownAt, now }: Looking,
  tenant: string,
  applications: readonly string[],
): AsyncGenerator<readonly GrantInScope[]> {
  for (let after: { grantedPosition: number; grant: string } | undefined; ; ) {
    const grants = await grantsInScope(database, { tenant, knownAt, now, applications, after, limit: GRANTS_AT_ONCE });
    yield grants.filter(({ source }) => source.kind !== 'elevation');
    const last = grants.at(-1);
    if (grants.length < GRANTS_AT_ONCE || last === undefined) return;
    after = { grantedPosition: last.grantedPosition, grant: last.grant };
  }
}

/** Use of an application counts for each of its roles where whoever tells of it names none. */
const isOf = ({ application, role }: SourceOfUse | Use, grant: Pick<GrantInScope, 'application' | 'role'>): boolean =>
  application === grant.application && (role === null || role === grant.role);

function latest(days: readonly string[]): string | null {
  const last = days.toSorted().at(-1);
  return last === undefined ? null : endOf(last);
}

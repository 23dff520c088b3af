import { groupsUnknownTooLong, UNKNOWN_FOR_MAX_MS, UNKNOWN_SIGN_INS_MAX } from '#libs/domain';
import { unknownGroups } from '#libs/read-model';
import type { Candidate } from '../candidate.js';
import type { Watch } from '../watches.js';
import { afterMsOf, before, type Look, type Looking } from './looking.js';

/** Runs of sign-ins that one statement answers. */
const RUNS_AT_ONCE = 1_000;

/** People whose groups have been unknown at five sign-ins in a row, or for as long as the policy says (14 days by itself). */
export const unknownGroupsLook: Look = async function* (looking, watch) {
  for (let after: { account: string; connection: string } | undefined; ; ) {
    const page = await runsOf(looking, watch, { after });
    if (page.candidates.length > 0) yield page.candidates;
    if (page.last === undefined) return;
    after = page.last;
  }
};

/** The same for some accounts. */
export async function unknownGroupsOf(
  looking: Pick<Looking, 'database' | 'now'>,
  watch: Watch,
  accounts: readonly string[],
): Promise<readonly Candidate[]> {
  return (await runsOf(looking, watch, { accounts })).candidates;
}

async function runsOf(
  { database, now }: Pick<Looking, 'database' | 'now'>,
  watch: Watch,
  which: { accounts?: readonly string[]; after?: { account: string; connection: string } | undefined },
): Promise<{ candidates: Candidate[]; last: { account: string; connection: string } | undefined }> {
  const afterMs = afterMsOf(watch, UNKNOWN_FOR_MAX_MS);
  const runs = await unknownGroups(database, {
    tenant: watch.tenant,
    minSignIns: UNKNOWN_SIGN_INS_MAX,
    before: before(now, afterMs),
    limit: RUNS_AT_ONCE,
    ...which,
  });
  const candidates = runs
    .map(({ since, ...run }) => ({ ...run, since: since.toISOString() }))
    .filter((run) => groupsUnknownTooLong(run, afterMs, now))
    .map(({ account, connection, since }) => ({ code: 'groups-unknown', account, connection, since }));
  return { candidates, last: runs.length === RUNS_AT_ONCE ? runs.at(-1) : undefined };
}

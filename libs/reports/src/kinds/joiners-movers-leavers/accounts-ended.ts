import type { Profile } from '#libs/contracts';
import { accountStatuses } from '#libs/read-model';
import type { Cell, ReportRow } from '../../column.js';
import { sorted, within } from '../../events/columns.js';
import { fitting } from '../../events/fitting.js';
import { heldGrants } from '../../events/held-grants.queries.js';
import { readBodies } from '../../events/read-bodies.js';
import { type EndedAccount, findEndedAccounts, lastPlacesOf } from '../../histories/ended-accounts.queries.js';
import { Tally } from '../../histories/tally.js';
import { OPENINGS_AT_ONCE } from '../../histories/walk-openings.js';
import type { Question } from '../../question.js';
import type { ReportSource, RowBatch } from '../../report-kind.js';
import { accountIntervals } from '../access-changes/held-intervals.js';
import { MOVING_NAMES } from './joiners-movers-leavers.columns.js';

/** Name under which accounts are counted of whose status too much is lost to say whether they were active when their end came. */
export const UNKNOWN_ENDS = 'unknownEnds';

const BOOKMARK = /^ended:(-?\d{1,15})$/;

/** Whether a bookmark stands among the accounts whose end came, which follow upon all events. */
export const isAmongEnded = (bookmark: string | null): boolean => bookmark !== null && BOOKMARK.test(bookmark);

/** Accounts whose end came in the period while they were active, in the order in which they were made: no event says that it came. */
export async function* accountsEnded(
  source: ReportSource,
  question: Question,
  bookmark: string | null,
): AsyncIterable<RowBatch> {
  let after = Number(BOOKMARK.exec(bookmark ?? '')?.[1] ?? -1);
  for (let more = true; more; ) {
    const page = await findEndedAccounts(source.database, question, { after, limit: OPENINGS_AT_ONCE });
    after = page.at(-1)?.position ?? after;
    more = page.length === OPENINGS_AT_ONCE;
    if (page.length > 0) yield await batchOf(page, source, question);
  }
}

async function batchOf(page: readonly EndedAccount[], source: ReportSource, question: Question): Promise<RowBatch> {
  const accounts = page.map(({ account }) => account);
  const statuses = await accountStatuses(source.database, question, accounts);
  const unknown = page.filter(({ account }) => !statuses.has(account)).length;
  const ended = page.filter(({ account }) => endsByTime(statuses.get(account) ?? []));
  const profiles = await profilesOf(ended, source, question);
  const lost = await rolesLost(ended, source, question);
  return {
    rows: ended.map((one) => rowOf(one, profiles.get(one.account) ?? null, lost(one))),
    bookmark: `ended:${page.at(-1)?.position}`,
    counts: new Tally().add('change.expired', ended.length).add(UNKNOWN_ENDS, unknown).counts,
    progress: 1,
  };
}

const endsByTime = (statuses: Parameters<typeof accountIntervals>[0]): boolean =>
  accountIntervals(statuses).some(({ until }) => until?.cause === 'accountExpired');

/** What they were right before their end, by account; one text where it is erased or withheld. */
async function profilesOf(
  ended: readonly EndedAccount[],
  source: ReportSource,
  question: Question,
): Promise<ReadonlyMap<string, Profile | string>> {
  const places = await lastPlacesOf(source.database, question, ended, ['UserProvisioned', 'ProfileUpdated']);
  const bodies = await readBodies(source, places, question.personal);
  return new Map(
    bodies.map(({ data }) => {
      const { account, profile } = data as { readonly account: string; readonly profile: Profile | string };
      return [account, profile];
    }),
  );
}

/** What they held in the last millisecond that counted, as known at the question's position. */
async function rolesLost(ended: readonly EndedAccount[], { database }: ReportSource, { tenant, knownAt }: Question) {
  const moments = ended.map(({ account, endedAt }) => ({
    account,
    at: new Date(endedAt.getTime() - 1).toISOString(),
    position: knownAt,
  }));
  const held = Map.groupBy(await heldGrants(database, tenant, moments), ({ account }) => account);
  return ({ account }: EndedAccount) => fitting(sorted((held.get(account) ?? []).map(({ role }) => role)));
}

function rowOf(one: EndedAccount, profile: Profile | string | null, lost: readonly string[]): ReportRow {
  const of = (name: keyof Omit<Profile, 'attributes'>): Cell => within(profile, (whole) => whole[name]);
  const nothing: readonly string[] = [];
  return [
    one.endedAt.toISOString(),
    'expired',
    one.account,
    ...[of('userName'), of('displayName'), of('employeeNumber')],
    one.directory,
    null,
    one.connection,
    null,
    nothing,
    ...MOVING_NAMES.flatMap((name) => [of(name), of(name)]),
    ...[nothing, lost, nothing],
    null,
    ...[null, null, null, null],
    null,
    ...[one.actor, one.event, one.position],
  ];
}

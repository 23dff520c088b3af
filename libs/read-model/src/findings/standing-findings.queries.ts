import type { FindingKind } from '#libs/contracts';
import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import { type Page, pageOf } from '../page.js';

/** Whose findings are meant: those of a policy, or without one of what is looked after by itself. */
export interface FindingsOf {
  readonly kind: FindingKind;
  readonly policy: string | null;
}

/** A page of what is not resolved, in the order in which it was last raised. */
interface StandingPage {
  readonly tenant: string;
  /** `raisedPosition` of the last one of the page before. */
  readonly after?: number | undefined;
  /** 1–5,000. */
  readonly limit: number;
}

/** A finding that is not resolved: no more of it than tells which it is, since there may be very many. */
export interface StandingFinding {
  readonly finding: string;
  readonly account: string | null;
  readonly raisedPosition: number;
}

/** A finding on which a policy has not acted since it was raised. */
export interface ActionableFinding {
  readonly finding: string;
  readonly policy: string;
  readonly account: string;
  readonly grant: string | null;
  readonly since: Date | null;
  readonly raisedEvent: string;
  readonly raisedPosition: number;
}

/** Which of them. */
export interface ActionableQuery {
  readonly tenant: string;
  readonly kind: FindingKind;
  readonly policy: string;
  /** ISO-8601 UTC: what was accepted until then is open again. */
  readonly now: string;
  /** Whether it would deactivate: then accounts for emergencies are left out, and those that are not there. */
  readonly deactivating: boolean;
  /** Only of these accounts, at most 20,000. */
  readonly accounts?: readonly string[] | undefined;
}

const OPEN = (now: string) =>
  `(f.status = 'open' or (f.status = 'accepted' and f.accepted_until <= ${now}::timestamptz))`;

/** Those of some findings that stand and need not be raised again, as one does whose acceptance is over. @param query.findings at most 10,000 */
export async function findKnownFindings(
  database: Queryable,
  { tenant, now, findings }: { readonly tenant: string; readonly now: string; readonly findings: readonly string[] },
): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ finding: string }>({
    name: 'read_model.known_findings',
    text: `select finding from read_model.findings_v2 where tenant = $1 and finding = any($3::uuid[])
             and ((status = 'open' and accepted_until is null) or (status = 'accepted' and accepted_until > $2::timestamptz))`,
    values: [tenant, now, findings],
  });
  return new Set(rows.map(({ finding }) => finding));
}

/** Findings of a kind and policy that are not resolved. */
export async function findStandingOf(
  database: Queryable,
  { tenant, kind, policy, after, limit }: StandingPage & FindingsOf,
): Promise<Page<StandingFinding>> {
  const { rows } = await database.query<StandingFinding>({
    name: 'read_model.standing_of',
    text: `select finding, account, raised_pos as "raisedPosition" from read_model.findings_v2
           where tenant = $1 and kind = $2 and policy is not distinct from $3 and status <> 'resolved' and raised_pos > $4::bigint
           order by raised_pos limit $5`,
    values: [tenant, kind, policy, after ?? -1, limit + 1],
  });
  return pageOf(rows, limit);
}

/** Findings that are not resolved and belong to none of these: nobody asks for them any more. */
export async function findStandingOutside(
  database: Queryable,
  { tenant, watched, after, limit }: StandingPage & { readonly watched: readonly FindingsOf[] },
): Promise<Page<StandingFinding>> {
  const { rows } = await database.query<StandingFinding>({
    name: 'read_model.standing_outside',
    text: `select finding, account, raised_pos as "raisedPosition" from read_model.findings_v2 f
           where tenant = $1 and status <> 'resolved' and raised_pos > $4::bigint
             and not exists (select 1 from unnest($2::text[], $3::text[]) watched(kind, policy)
                              where watched.kind = f.kind and watched.policy is not distinct from f.policy)
           order by raised_pos limit $5`,
    values: [tenant, watched.map(({ kind }) => kind), watched.map(({ policy }) => policy), after ?? -1, limit + 1],
  });
  return pageOf(rows, limit);
}

/** What came to somebody who answers for it. */
export interface FindingNews {
  readonly owner: string;
  readonly items: number;
  /** The one that was raised first. */
  readonly first: string;
  /** Of the last one, where it was raised. */
  readonly position: number;
}

/** Findings that were raised between two positions and are not resolved, by who answers for them. @param query.after exclusive @param query.through inclusive */
export async function findFindingNews(
  database: Queryable,
  { tenant, after, through }: { readonly tenant: string; readonly after: number; readonly through: number },
): Promise<FindingNews[]> {
  const { rows } = await database.query<FindingNews>({
    name: 'read_model.finding_news',
    text: `select owner, count(*)::int as items, (array_agg(finding order by raised_pos))[1] as first, max(raised_pos) as position
             from read_model.findings_v2
            where tenant = $1 and raised_pos > $2::bigint and raised_pos <= $3::bigint and status <> 'resolved' and owner is not null
            group by owner order by owner`,
    values: [tenant, after, through],
  });
  return rows;
}

/** Findings of a policy on which it has not acted, oldest first. */
export async function findActionable(
  database: Queryable,
  { after, limit, ...query }: ActionableQuery & Pick<StandingPage, 'after' | 'limit'>,
): Promise<Page<ActionableFinding>> {
  const where = actionable(query).andIf(after, (place) => `f.raised_pos > ${place}`);
  const { rows } = await database.query<ActionableFinding>(
    `select f.finding, f.policy, f.account, f.grant_id as "grant", f.since, f.raised_event as "raisedEvent", f.raised_pos as "raisedPosition"
       from read_model.findings_v2 f where ${where.text} order by f.raised_pos limit ${where.value(limit + 1)}`,
    where.values,
  );
  return pageOf(rows, limit);
}

/** How many of them there are. */
export async function countActionable(database: Queryable, query: ActionableQuery): Promise<number> {
  const where = actionable(query);
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int as count from read_model.findings_v2 f where ${where.text}`,
    where.values,
  );
  return rows[0]?.count ?? 0;
}

function actionable({ tenant, kind, policy, now, deactivating, accounts }: ActionableQuery): Conditions {
  const where = new Conditions();
  where.and(`f.status <> 'resolved' and f.acted is null and f.account is not null and ${OPEN(where.value(now))}`);
  where.andEqual('f.tenant', tenant).andEqual('f.kind', kind).andEqual('f.policy', policy);
  where.andAnyOf('f.account', 'uuid', accounts);
  if (!deactivating) return where;
  return where.and(`exists (
    select 1 from read_model.accounts_v1 a where a.account = f.account and a.tenant = f.tenant and a.kind <> 'breakGlass')`);
}

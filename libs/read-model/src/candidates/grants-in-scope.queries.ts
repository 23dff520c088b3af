import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import type { GrantRow } from '../grants/grants.table.js';
import { ORPHANHOOD, orphanSources } from './orphan-sources.js';

/** A grant with everything by which it is decided who reviews it and how. */
export interface GrantInScope {
  readonly grant: string;
  readonly account: string;
  readonly role: string;
  readonly source: {
    readonly kind: string;
    readonly connection: string | null;
    readonly connectionVersion: number | null;
    readonly rule: string | null;
    readonly ruleVersion: number | null;
    /** `kind:id` of who gave it. */
    readonly actor: string | null;
  };
  readonly from: Date;
  /** Exclusive; null while nothing ends it. */
  readonly until: Date | null;
  /** Order of lists, together with the grant. */
  readonly grantedPosition: number;
  readonly grantedEvent: string;
  /** The sign-in that led to it. */
  readonly evidence: string | null;
  readonly accountKind: string;
  readonly directory: string;
  readonly provisionedAt: Date;
  /** Personal, as it is now: what the person is, and by what name. */
  readonly userName: string;
  readonly department: string | null;
  readonly title: string | null;
  readonly manager: string | null;
  readonly employeeType: string | null;
  /** The role as known at the position asked about; null where the catalogue does not have it. */
  readonly application: string | null;
  readonly roleName: string | null;
  readonly privileged: boolean;
  readonly risk: string | null;
  /** Who answers for the role: userName or verified e-mail address. */
  readonly owner: string | null;
}

/** Which grants; what is absent leaves nothing out. */
export interface GrantsInScopeQuery {
  readonly tenant: string;
  /** Position of the sealed log; what came later is not taken into account. */
  readonly knownAt: number;
  /** Instant at which grants stand, ISO-8601 UTC. */
  readonly now: string;
  readonly roles?: readonly string[] | undefined;
  readonly applications?: readonly string[] | undefined;
  /** Whose. */
  readonly accounts?: readonly string[] | undefined;
  /** Given by rules of these connections. */
  readonly connections?: readonly string[] | undefined;
  /** Only of roles that are privileged. */
  readonly privileged?: boolean | undefined;
  /** Only of accounts whose every source is gone, disabled, or silent since before an instant, ISO-8601 UTC. */
  readonly orphans?: { readonly silentBefore: string } | undefined;
  /** The last grant of the page before. */
  readonly after?: Pick<GrantInScope, 'grantedPosition' | 'grant'> | undefined;
  /** 1–5,000. */
  readonly limit: number;
}

type GrantColumns = Omit<GrantInScope, 'source'> &
  Pick<
    GrantRow,
    | 'source_kind'
    | 'source_connection'
    | 'source_connection_version'
    | 'source_rule'
    | 'source_rule_version'
    | 'source_actor'
  >;

const COLUMNS = `g.grant_id as "grant", g.account, g.role, g.source_kind, g.source_connection, g.source_connection_version, g.source_rule,
  g.source_rule_version, g.source_actor, g.valid_from as "from", g.valid_to as until, g.granted_pos as "grantedPosition", g.granted_event as "grantedEvent",
  g.granted_evidence as evidence, a.kind as "accountKind", a.directory, a.provisioned_at as "provisionedAt", a.user_name as "userName", a.department,
  a.title, a.manager, a.employee_type as "employeeType", r.application, r.name as "roleName", coalesce(r.privileged, false) as privileged,
  r.risk, r.owner`;

/** Grants that stand at an instant, as known at a position, of accounts that are active now, in the order in which they were given. */
export async function grantsInScope(database: Queryable, query: GrantsInScopeQuery): Promise<GrantInScope[]> {
  const where = new Conditions();
  const tenant = where.value(query.tenant);
  const knownAt = `${where.value(query.knownAt)}::bigint`;
  const now = `${where.value(query.now)}::timestamptz`;
  where
    .and(`g.tenant = ${tenant}`)
    .and(`g.from_pos <= ${knownAt} and (g.to_pos is null or ${knownAt} < g.to_pos)`)
    .and(`g.valid_from <= ${now} and (g.valid_to is null or ${now} < g.valid_to)`)
    .andAnyOf('g.role', 'text', query.roles)
    .andAnyOf('g.account', 'uuid', query.accounts)
    .andAnyOf('g.source_connection', 'text', query.connections);
  if (query.connections) where.and(`g.source_kind = 'rule'`);
  const { after } = query;
  if (after)
    where.and(
      `(g.granted_pos, g.grant_id) > (${where.value(after.grantedPosition)}, ${where.value(after.grant)}::uuid)`,
    );
  const grants = where.text;
  const joined = joinedConditions(query, where);
  const sources = query.orphans ? `with ${orphanSources(tenant, where.value(query.orphans.silentBefore))}` : '';
  const { rows } = await database.query<GrantColumns>(
    `${sources} select ${COLUMNS}
     from (select * from read_model.grants_v1 g where ${grants} order by g.granted_pos, g.grant_id offset 0) g
     cross join lateral (
       select * from read_model.accounts_v1 a where a.tenant = g.tenant and a.account = g.account and a.status = 'active'
         and (a.expires_at is null or ${now} < a.expires_at) limit 1) a
     left join lateral (
       select * from read_model.roles_v1 r where r.tenant = g.tenant and r.role = g.role
         and r.from_pos <= ${knownAt} and (r.to_pos is null or ${knownAt} < r.to_pos) limit 1) r on true
     ${query.orphans ? `cross join lateral (${ORPHANHOOD}) o` : ''}
     where ${joined} order by g.granted_pos, g.grant_id limit ${where.value(query.limit)}`,
    where.values,
  );
  return rows.map(inScope);
}

const inScope = ({
  source_kind: kind,
  source_connection: connection,
  source_connection_version: connectionVersion,
  source_rule: rule,
  source_rule_version: ruleVersion,
  source_actor: actor,
  ...grant
}: GrantColumns): GrantInScope => ({
  ...grant,
  source: { kind, connection, connectionVersion, rule, ruleVersion, actor },
});

/**
 * What is asked of role and account. Grants are walked in their order and each is joined by itself, so that a page costs what a page holds
 * whatever the planner knows of the tables.
 */
function joinedConditions({ applications, privileged, orphans }: GrantsInScopeQuery, where: Conditions): string {
  return [
    'true',
    ...(applications ? [`r.application = any(${where.value(applications)}::text[])`] : []),
    ...(privileged ? ['r.privileged'] : []),
    ...(orphans ? ['o.orphan'] : []),
  ].join(' and ');
}

import type {
  AccessRevoked,
  AccountAbsorbed,
  GrantFact,
  GrantsConfirmed,
  GrantsReduced,
  IdentityLinked,
  RolesAssigned,
  SignedIn,
  UserProvisioned,
} from '#libs/contracts';
import type { Queryable } from '#libs/database';
import { parseStreamName, type RecordedEvent } from '#libs/kernel';

interface Given extends GrantFact {
  readonly tenant: string;
  readonly account: string;
}

/** What a stretch of the log changes about standing grants, net: a grant that it both gives and ends is not there. */
export interface GrantChanges {
  readonly given: readonly Given[];
  /** Grants whose end has moved. */
  readonly confirmed: readonly { readonly tenant: string; readonly id: string; readonly until: string | null }[];
  readonly ended: readonly { readonly tenant: string; readonly id: string }[];
  readonly signIns: readonly {
    readonly tenant: string;
    readonly account: string;
    readonly connection: string;
    /** Id of the sign-in's stream. */
    readonly signIn: string;
    readonly at: string;
  }[];
  /** Connections by which an account was linked. */
  readonly linked: readonly { readonly tenant: string; readonly connection: string }[];
}

type Fact =
  | RolesAssigned
  | GrantsConfirmed
  | GrantsReduced
  | AccessRevoked
  | SignedIn
  | UserProvisioned
  | IdentityLinked
  | AccountAbsorbed;

/** Reads the changes out of events, which need no personal field. Pure. */
export function grantChanges(events: readonly RecordedEvent[]): GrantChanges {
  const given = new Map<string, Given>();
  const confirmed = new Map<string, GrantChanges['confirmed'][number]>();
  const ended = new Map<string, { tenant: string; id: string }>();
  const signIns = new Map<string, GrantChanges['signIns'][number]>();
  const linked = new Map<string, GrantChanges['linked'][number]>();
  for (const event of events) {
    const { tenant, id } = parseStreamName(event.stream);
    const fact = event as RecordedEvent & Fact;
    for (const connection of linksOf(fact)) linked.set(`${tenant}/${connection}`, { tenant, connection });
    if (fact.type === 'RolesAssigned') {
      const { account, grants } = fact.data;
      for (const grant of grants) given.set(`${tenant}/${grant.id}`, { ...grant, tenant, account });
    } else if (fact.type === 'GrantsConfirmed' || fact.type === 'GrantsReduced') {
      const { grants, until } = fact.data;
      for (const grant of grants) {
        const key = `${tenant}/${grant.id}`;
        const here = given.get(key);
        if (here) given.set(key, { ...here, until });
        else confirmed.set(key, { tenant, id: grant.id, until });
      }
    } else if (fact.type === 'AccessRevoked') {
      for (const grant of fact.data.grants) {
        given.delete(`${tenant}/${grant.id}`);
        confirmed.delete(`${tenant}/${grant.id}`);
        ended.set(`${tenant}/${grant.id}`, { tenant, id: grant.id });
      }
    } else if (fact.type === 'SignedIn') {
      const { account, connection } = fact.data;
      signIns.set(`${tenant}/${account}/${connection}`, {
        tenant,
        account,
        connection,
        signIn: id,
        at: event.recordedAt,
      });
    }
  }
  return {
    given: [...given.values()],
    confirmed: [...confirmed.values()],
    ended: [...ended.values()],
    signIns: [...signIns.values()],
    linked: [...linked.values()],
  };
}

function linksOf(fact: Fact): readonly string[] {
  switch (fact.type) {
    case 'IdentityLinked':
      return [fact.data.connection];
    case 'UserProvisioned':
    case 'AccountAbsorbed':
      return fact.data.links.map(({ connection }) => connection);
    default:
      return [];
  }
}

/** Writes the changes down. Applying them twice changes nothing. */
export async function writeGrantChanges(
  client: Queryable,
  { given, confirmed, ended, signIns, linked }: GrantChanges,
): Promise<void> {
  if (given.length > 0) await insertGiven(client, given);
  if (confirmed.length > 0) {
    await client.query(
      `update provisioning.standing_grants g set until_at = c.until_at
         from unnest($1::text[], $2::uuid[], $3::text[]) c(tenant, grant_id, until_at)
        where g.tenant = c.tenant and g.grant_id = c.grant_id`,
      [confirmed.map(({ tenant }) => tenant), confirmed.map(({ id }) => id), confirmed.map(({ until }) => until)],
    );
  }
  if (ended.length > 0) {
    await client.query(
      `delete from provisioning.standing_grants g using unnest($1::text[], $2::uuid[]) e(tenant, grant_id)
        where g.tenant = e.tenant and g.grant_id = e.grant_id`,
      [ended.map(({ tenant }) => tenant), ended.map(({ id }) => id)],
    );
  }
  if (signIns.length > 0) await insertSignIns(client, signIns);
  if (linked.length > 0) {
    await client.query(
      `insert into provisioning.linked_connections (tenant, connection)
       select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
      [linked.map(({ tenant }) => tenant), linked.map(({ connection }) => connection)],
    );
  }
}

async function insertSignIns(client: Queryable, signIns: GrantChanges['signIns']): Promise<void> {
  await client.query(
    `insert into provisioning.last_sign_ins (tenant, account, connection, sign_in, signed_in_at)
     select * from unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::text[])
     on conflict (tenant, account, connection)
     do update set sign_in = excluded.sign_in, signed_in_at = excluded.signed_in_at`,
    [
      signIns.map(({ tenant }) => tenant),
      signIns.map(({ account }) => account),
      signIns.map(({ connection }) => connection),
      signIns.map(({ signIn }) => signIn),
      signIns.map(({ at }) => at),
    ],
  );
}

async function insertGiven(client: Queryable, given: GrantChanges['given']): Promise<void> {
  const rows = given.map(({ tenant, id, account, role, source, effectiveAt, until }) => [
    tenant,
    id,
    account,
    role,
    source.kind,
    source.connection,
    source.connectionVersion,
    source.rule,
    source.ruleVersion,
    effectiveAt,
    until,
  ]);
  const columns = ['text', 'uuid', 'uuid', 'text', 'text', 'text', 'int', 'text', 'int', 'text', 'text'];
  await client.query(
    `insert into provisioning.standing_grants
       (tenant, grant_id, account, role, source_kind, connection, connection_version, rule, rule_version, effective_at, until_at)
     select * from unnest(${columns.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})
     on conflict (tenant, grant_id) do nothing`,
    columns.map((_type, index) => rows.map((row) => row[index])),
  );
}

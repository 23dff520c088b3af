import type { AccessRevoked, GrantFact, RolesAssigned, SignedIn } from '#libs/contracts';
import type { Queryable } from '#libs/database';
import { parseStreamName, type RecordedEvent } from '#libs/kernel';

interface Given extends GrantFact {
  readonly tenant: string;
  readonly account: string;
}

/** What a stretch of the log changes about standing grants, net: a grant that it both gives and ends is not there. */
export interface GrantChanges {
  readonly given: readonly Given[];
  readonly ended: readonly { readonly tenant: string; readonly id: string }[];
  readonly signIns: readonly {
    readonly tenant: string;
    readonly account: string;
    readonly connection: string;
    /** Id of the sign-in's stream. */
    readonly signIn: string;
  }[];
}

/** Reads the changes out of events, which need no personal field. Pure. */
export function grantChanges(events: readonly RecordedEvent[]): GrantChanges {
  const given = new Map<string, Given>();
  const ended = new Map<string, { tenant: string; id: string }>();
  const signIns = new Map<string, GrantChanges['signIns'][number]>();
  for (const event of events) {
    const { tenant, id } = parseStreamName(event.stream);
    const fact = event as RecordedEvent & (RolesAssigned | AccessRevoked | SignedIn);
    if (fact.type === 'RolesAssigned') {
      const { account, grants } = fact.data;
      for (const grant of grants) given.set(`${tenant}/${grant.id}`, { ...grant, tenant, account });
    } else if (fact.type === 'AccessRevoked') {
      for (const grant of fact.data.grants) {
        given.delete(`${tenant}/${grant.id}`);
        ended.set(`${tenant}/${grant.id}`, { tenant, id: grant.id });
      }
    } else if (fact.type === 'SignedIn') {
      const { account, connection } = fact.data;
      signIns.set(`${tenant}/${account}/${connection}`, { tenant, account, connection, signIn: id });
    }
  }
  return { given: [...given.values()], ended: [...ended.values()], signIns: [...signIns.values()] };
}

/** Writes the changes down. Applying them twice changes nothing. */
export async function writeGrantChanges(client: Queryable, { given, ended, signIns }: GrantChanges): Promise<void> {
  if (given.length > 0) await insertGiven(client, given);
  if (ended.length > 0) {
    await client.query(
      `delete from provisioning.standing_grants g using unnest($1::text[], $2::uuid[]) e(tenant, grant_id)
        where g.tenant = e.tenant and g.grant_id = e.grant_id`,
      [ended.map(({ tenant }) => tenant), ended.map(({ id }) => id)],
    );
  }
  if (signIns.length === 0) return;
  await client.query(
    `insert into provisioning.last_sign_ins (tenant, account, connection, sign_in)
     select * from unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[])
     on conflict (tenant, account, connection) do update set sign_in = excluded.sign_in`,
    [
      signIns.map(({ tenant }) => tenant),
      signIns.map(({ account }) => account),
      signIns.map(({ connection }) => connection),
      signIns.map(({ signIn }) => signIn),
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

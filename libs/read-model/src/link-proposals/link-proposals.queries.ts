import type { Queryable } from '#libs/database';
import { type Page, pageOf } from '../page.js';

/** A refusal that a link would answer. The subject is in the `SignInRefused` event, for a time. */
export interface LinkProposal {
  /** Id of the `SignInRefused` event. */
  readonly event: string;
  readonly connection: string;
  /** The account that exists; null where the refusal named none. */
  readonly account: string | null;
  readonly at: Date;
  readonly position: number;
}

/**
 * Refusals of a tenant that wait for an administrator, in the order of the log. One that came before the account was linked to the same
 * connection is settled and left out; so is one whose account ended in a merge, since its name and address are free again.
 * @param query.after position, exclusive; -1 starts at the beginning
 * @param query.through position that the read model has reached, inclusive: beyond it some may be missing yet
 * @param query.limit 1–200
 */
export async function listLinkProposals(
  database: Queryable,
  {
    tenant,
    after,
    through,
    limit,
  }: { readonly tenant: string; readonly after: number; readonly through: number; readonly limit: number },
): Promise<Page<LinkProposal>> {
  const { rows } = await database.query<LinkProposal>({
    name: 'read_model.link_proposals',
    text: `select p.event_id as event, p.connection, p.account, p.at, p.position from read_model.link_proposals_v1 p
           where p.tenant = $1 and p.position > $2 and p.position <= $3 and not exists (
             select 1 from read_model.accounts_v1 a, jsonb_array_elements(a.links) l
             where a.tenant = p.tenant and a.account = p.account and l->>'connection' = p.connection
               and (l->>'position')::bigint > p.position)
             and not exists (
             select 1 from read_model.events_v1 e
             where e.tenant = p.tenant and e.account = p.account and e.type = 'AccountMerged')
           order by p.position limit $4`,
    values: [tenant, after, through, limit + 1],
  });
  return pageOf(rows, limit);
}

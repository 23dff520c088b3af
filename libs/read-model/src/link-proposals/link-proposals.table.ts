import { type Table, table } from '../projecting/table.js';

/** Somebody was refused because an account of theirs exists and is not linked to the way they came. */
export interface LinkProposalRow {
  /** Id of the `SignInRefused` event, which holds the subject, encrypted. */
  readonly event_id: string;
  readonly tenant: string;
  readonly connection: string;
  /** The account that exists; null where none was named. */
  readonly account: string | null;
  readonly at: string;
  readonly position: number;
}

/** Refusals that an administrator may answer with a link. */
export const linkProposalsTable: Table<LinkProposalRow> = table<LinkProposalRow>(
  'link_proposals_v1',
  'appended',
  ['event_id'],
  { event_id: true, tenant: true, connection: true, account: true, at: true, position: true },
);

/** Refusals that a link by hand would answer. */
export const LINK_PROPOSALS_SQL = `
create table read_model.link_proposals_v1 (
  event_id uuid primary key,
  tenant text not null,
  connection text not null,
  account uuid,
  at timestamptz not null,
  position bigint not null
);
create index link_proposals_v1_in_order on read_model.link_proposals_v1 (tenant, position);
`;

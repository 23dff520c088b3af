import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, CatalogView } from '#libs/catalog';
import { accountDecider, type Grant } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { CATALOG, WRITE_PATH, type WritePath } from '#libs/platform';
import {
  type AccessReviewRecord,
  findAccessReview,
  findReviewItem,
  lastSignIns,
  lastUses,
  type ReviewItemRecord,
} from '#libs/read-model';
import { PersonNames, type PersonShown } from '../people/person-names.js';
import { ReadingPlace } from '../people/reading-place.js';
import { sourcesIn, toldBy } from '../usage/told-use.js';
import type { ItemDetails, ItemShown, OriginShown, ReviewShown, RoleShown } from './review-view.js';

/** Makes what pages show of review items: names in place of ids, and nothing that the identity provider said. */
@Injectable()
export class ReviewViews {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    private readonly names: PersonNames,
    private readonly readModel: ReadingPlace,
  ) {}

  /** Items of one tenant, in their order. */
  async items(tenant: string, rows: readonly ReviewItemRecord[]): Promise<ItemShown[]> {
    const catalog = await this.catalog.current();
    const nameOf = await this.names.of(
      tenant,
      rows.map(({ account }) => account),
    );
    const reviews = await this.#reviews(tenant, new Set(rows.map(({ review }) => review)));
    return rows.map((row) => toItem(row, nameOf(row.account), reviewOf(row, reviews), roleShown(catalog, row)));
  }

  /** What items are about, by their ids; of those that the account is asked, or has decided. */
  async titles(tenant: string, account: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = await Promise.all(ids.map((item) => findReviewItem(this.readModel.database, { tenant, item })));
    const items = await this.items(
      tenant,
      found.filter((row): row is ReviewItemRecord => row !== null && isConcernOf(row, account)),
    );
    return new Map(items.map(({ id, person, role }) => [id, `${person.name}: ${role.name}`]));
  }

  /** What only the page of one item shows. */
  async details(row: ReviewItemRecord): Promise<ItemDetails> {
    const { tenant, account, reviewers } = row;
    const giver = giverOf(row);
    const [nameOf, signIns, lastUsed, grant] = await Promise.all([
      this.names.of(tenant, [...reviewers, ...(giver === null ? [] : [giver])]),
      lastSignIns(this.readModel.database, { tenant, accounts: [account] }),
      this.#lastUsed(row),
      this.#grant(row),
    ]);
    return {
      origin: originOf(row, grant, giver === null ? null : nameOf(giver).name),
      lastSignInAt: signIns.get(account)?.toISOString() ?? null,
      lastUsed,
      reviewers: reviewers.map((reviewer) => nameOf(reviewer).name),
    };
  }

  async #reviews(tenant: string, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, AccessReviewRecord>> {
    const found = await Promise.all(
      [...ids].map((review) => findAccessReview(this.readModel.database, { tenant, review })),
    );
    return new Map(found.flatMap((review) => (review === null ? [] : [[review.review, review] as const])));
  }

  /** Never "unused" where nothing reports use. */
  async #lastUsed({ tenant, account, role }: ReviewItemRecord): Promise<string> {
    const { database } = this.readModel;
    const application = (await this.catalog.current()).role(tenant, role)?.settings?.application;
    const uses = await lastUses(database, { tenant, accounts: [account] });
    const [latest] = uses
      .filter((use) => use.application === application && (use.role ?? role) === role)
      .sort((a, b) => (a.usedOn < b.usedOn ? 1 : -1));
    if (latest) return `${latest.usedOn} (said by ${latest.source})`;
    const sources = (await sourcesIn(database, tenant)).filter(
      (source) => source.application === application && (source.role ?? role) === role,
    );
    const told = toldBy(sources, this.path.clock.now().toISOString());
    return told === null
      ? 'unknown: nothing reports it'
      : `none since ${dayOf(told.since)}, told of on ${dayOf(told.until)}`;
  }

  async #grant({ tenant, account, grant }: ReviewItemRecord): Promise<Grant | undefined> {
    const stream = streamName({ category: 'account', tenant, id: account });
    const { state } = await readAggregate(this.path, stream, accountDecider);
    return grant === null ? undefined : state.grants.get(grant);
  }
}

const dayOf = (instant: string): string => instant.slice(0, 'yyyy-mm-dd'.length);

function toItem(row: ReviewItemRecord, person: PersonShown, review: ReviewShown, role: RoleShown): ItemShown {
  const { item, status, recommendation, flags, stage, stages, stageDueAt } = row;
  return {
    id: item,
    status,
    review,
    person,
    role,
    recommendation,
    flags,
    stage,
    stages,
    stageDueAt: stageDueAt.toISOString(),
  };
}

function reviewOf({ review, cause }: ReviewItemRecord, reviews: ReadonlyMap<string, AccessReviewRecord>): ReviewShown {
  const found = reviews.get(review);
  return { id: review, title: found?.title ?? 'Review', trigger: cause, control: found?.control ?? null };
}

/** Whether an account is asked about an item, or was the one who decided. */
export const isConcernOf = ({ reviewers, decision }: ReviewItemRecord, account: string): boolean =>
  reviewers.includes(account) || decision?.by === account;

/** A role by the name that people know; by its id where it is gone. */
export function roleShown(
  catalog: CatalogView,
  { tenant, role, privileged }: { readonly tenant: string; readonly role: string; readonly privileged?: boolean },
): RoleShown {
  const settings = catalog.role(tenant, role)?.settings;
  return {
    id: role,
    name: settings?.name ?? role,
    application: settings?.application ?? 'unknown',
    privileged: privileged ?? settings?.privileged ?? false,
  };
}

/** The account that gave the role by hand; null where it was a rule, a key or an elevation. */
function giverOf({ source }: ReviewItemRecord): string | null {
  return source?.actor?.startsWith('account:') ? source.actor.slice('account:'.length) : null;
}

function originOf(
  { source, grant: asked }: ReviewItemRecord,
  grant: Grant | undefined,
  giver: string | null,
): OriginShown {
  const since = grant?.from ?? null;
  const until = grant?.until ?? null;
  if (asked === null || source === null) return { text: 'The role was kept back; it is not held.', since, until };
  return { text: `${reasonFor(source, giver)}${grant ? '' : ' It has ended meanwhile.'}`, since, until };
}

function reasonFor(
  { kind, connection, rule, ruleVersion }: NonNullable<ReviewItemRecord['source']>,
  giver: string | null,
): string {
  switch (kind) {
    case 'rule':
      return `Rule ${rule}@${ruleVersion} of ${connection}.`;
    case 'elevation':
      return 'An elevation that was approved.';
    case 'import':
      return 'An import.';
    default:
      return giver === null ? 'Given by hand.' : `Given by hand by ${giver}.`;
  }
}

/** What specs of reviews say again and again. */
import type { ReviewPolicy } from '#libs/contracts';
import { type AccessReviewRecord, findAccessReviews, findReviewItems, type ReviewItemRecord } from '#libs/read-model';
import type { GovernanceServer } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import { AdHocReviews } from './ad-hoc-reviews.js';
import { DecideItem, type DecisionRequest, type ItemDecided } from './decide-item.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A stage in which somebody is asked by name. */
export const asks = (principal: string, ...fallback: string[]): ReviewPolicy['stages'][number] => ({
  reviewers: [{ kind: 'named', principal }],
  fallback,
});

/** A scope of some roles, and of some people of those who have them. */
export const scopeOf = (roles: readonly string[], people: readonly string[] = []): ReviewPolicy['scope'] => ({
  roles: [...roles],
  applications: [],
  people: [...people],
  connections: [],
  privileged: false,
  orphans: false,
});

/** A review as the read model has it. */
export async function reviewOf(server: GovernanceServer, id: string): Promise<AccessReviewRecord | undefined> {
  return (await reviewsOf(server)).find(({ review }) => review === id);
}

/** Reviews of acme, of one policy or cause if it is said. */
export async function reviewsOf(
  { database }: GovernanceServer,
  filter: { readonly policy?: string; readonly cause?: string } = {},
): Promise<readonly AccessReviewRecord[]> {
  return (await findAccessReviews(database, { tenant: 'acme', ...filter, limit: 200 })).items;
}

/** Items of acme, of one review, account or status if it is said. */
export async function itemsOf(
  { database }: GovernanceServer,
  filter: { readonly review?: string; readonly account?: string; readonly status?: readonly string[] },
): Promise<readonly ReviewItemRecord[]> {
  return (await findReviewItems(database, { tenant: 'acme', ...filter, limit: 500 })).items;
}

/** Somebody opens a review; its title names it. @returns its id, when all its items are there */
export async function opened(server: GovernanceServer, title: string, terms: Partial<ReviewPolicy>): Promise<string> {
  const asked = {
    tenant: 'acme',
    title,
    policy: null,
    terms: reviewPolicy(terms),
    reason: null,
    metadata: server.acme.metadata(title),
  };
  const { review } = await server.app.get(AdHocReviews, { strict: false }).open(asked);
  await server.until(async () => {
    const { status = 'building' } = (await reviewOf(server, review)) ?? {};
    return status !== 'building';
  });
  return review;
}

/** Somebody decides about an item in person. */
export function decided(
  server: GovernanceServer,
  userName: string,
  item: string | undefined,
  decision: Partial<DecisionRequest['decision']> & Pick<DecisionRequest['decision'], 'decision'>,
): Promise<ItemDecided> {
  const account = server.acme.accountOf(userName);
  return server.app.get(DecideItem, { strict: false }).decide({
    tenant: 'acme',
    item: item ?? '',
    decision: { reason: 'test', until: null, to: null, ...decision },
    by: { account, via: 'session', apiKey: null },
    bulk: false,
    tookMs: null,
    metadata: server.acme.metadata(JSON.stringify(['decide', userName, item, decision, server.clock.now()])),
  });
}

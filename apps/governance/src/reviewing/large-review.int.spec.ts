/** A review of thousands of grants: all of them, each once, also when it is interrupted while it is built. */
import { setTimeout as delay } from 'node:timers/promises';
import { decideAndAppend } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { findAccessReviews, findReviewItems } from '#libs/read-model';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import { AdHocReviews } from './ad-hoc-reviews.js';
import { PopulateReviews } from './populate-reviews.js';

const PEOPLE = 20;
const ROLES = 100;
const GRANTS = PEOPLE * ROLES;

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  await server.acme.person('olga');
  for (let nth = 0; nth < PEOPLE; nth += 1) await withRoles(`p${nth}`);
  await server.settle();
}, 180_000);
afterAll(() => server.close());

/** Somebody who was given many roles at once. */
async function withRoles(userName: string): Promise<void> {
  const account = await server.acme.person(userName, { department: 'sales', title: 'agent' });
  const metadata = server.acme.metadata(`roles of ${userName}`);
  const source = { kind: 'manual', connection: null, connectionVersion: null, rule: null, ruleVersion: null } as const;
  const grants = Array.from({ length: ROLES }, (_, role) => ({
    id: metadata.deriveId(`r${role}`),
    role: `app.r${role}`,
    source: { ...source, actor: 'system:test' },
    effectiveAt: metadata.now,
    until: null,
  }));
  const data = { account, grants, evidence: null, because: grants.map(() => []), reason: null };
  const decider = { initialState: null, decide: () => [{ type: 'RolesAssigned', data }], evolve: () => null };
  const stream = streamName({ category: 'account', tenant: 'acme', id: account });
  await decideAndAppend(server.path, stream, decider, { type: 'Give', data, metadata });
}

it('is built whole, each item once, although its building is interrupted', async () => {
  const { review } = await server.app.get(AdHocReviews, { strict: false }).open({
    tenant: 'acme',
    title: 'everything',
    policy: null,
    terms: reviewPolicy({ stages: [{ reviewers: [{ kind: 'named', principal: 'olga' }], fallback: [] }] }),
    reason: null,
    metadata: server.acme.metadata('everything'),
  });
  const builder = server.app.get(PopulateReviews, { strict: false });
  const stopped = new AbortController();
  const interrupted = builder.populate('acme', review, stopped.signal);
  await delay(5);
  stopped.abort();
  await interrupted;
  const found = await server.until(async () => {
    const { items } = await findAccessReviews(server.database, { tenant: 'acme', limit: 10 });
    return items.find(({ status }) => status === 'open');
  });
  expect(found).toMatchObject({ items: GRANTS, carriedForward: 0 });
  await server.settle();
  const { items } = await findReviewItems(server.database, { tenant: 'acme', review, limit: 5_000 });
  expect([items.length, new Set(items.map(({ grant }) => grant)).size]).toEqual([GRANTS, GRANTS]);
  expect(new Set(items.flatMap(({ reviewers }) => reviewers))).toEqual(new Set([server.acme.accountOf('olga')]));
}, 120_000);

/** Whoever answers for something new is told of it: once for all that came to them, and also where whoever raised it died right after. */
import type { FindingRaised } from '#libs/contracts';
import { seededId } from '#libs/testing';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { NoticeQueue, type WantedNotice } from '../notices/notice-queue.js';
import { FindingNotices } from './finding-notices.js';
import { recorded } from './findings.fixture.js';

jest.setTimeout(120_000);

let server: GovernanceServer;
let olga: string;
let told: WantedNotice[];
beforeAll(async () => {
  server = await startGovernance();
  olga = await server.acme.person('olga');
  const queue = server.app.get(NoticeQueue, { strict: false });
  jest.spyOn(queue, 'add').mockImplementation(async (wanted) => void told.push(...wanted));
});
beforeEach(() => {
  told = [];
});
afterAll(() => server.close());

/** A finding stands in the log; nothing else came of it. */
async function raised(word: string, owner: string | null): Promise<string> {
  const finding = seededId('finding', word);
  const data: FindingRaised['data'] = {
    finding,
    kind: 'insight',
    code: 'new-domain',
    policy: null,
    policyVersion: null,
    account: null,
    grant: null,
    role: null,
    connection: null,
    event: null,
    since: null,
    details: {},
    owner,
  };
  await recorded(server, { category: 'finding', id: finding }, { type: 'FindingRaised', data });
  return finding;
}

async function tell(): Promise<readonly WantedNotice[]> {
  await server.settle();
  await server.app.get(FindingNotices, { strict: false }).tellNews();
  return told.filter(({ kind }) => kind === 'finding-owned');
}

it('tells an owner once of all that is new, and nobody of what nobody answers for', async () => {
  const first = await raised('one', olga);
  await raised('two', olga);
  await raised('nobody’s', null);
  const about = { noun: 'finding', id: first, items: 2 };
  expect(await tell()).toMatchObject([{ tenant: 'acme', recipient: olga, about }]);
});

it('tells nothing twice, and what came later for itself', async () => {
  expect(await tell()).toEqual([]);
  const later = await raised('three', olga);
  expect(await tell()).toMatchObject([{ recipient: olga, about: { id: later, items: 1 } }]);
});

it('tells again what it could not hand over', async () => {
  const lost = await raised('four', olga);
  await server.settle();
  const queue = server.app.get(NoticeQueue, { strict: false });
  jest.spyOn(queue, 'add').mockRejectedValueOnce(new Error('The database is away.'));
  await expect(server.app.get(FindingNotices, { strict: false }).tellNews()).rejects.toThrow('away');
  expect(await tell()).toMatchObject([{ recipient: olga, about: { id: lost, items: 1 } }]);
});

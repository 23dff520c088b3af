/** Reports of use over HTTP: whole or not at all, once, for accounts of one's own tenant. */
import { lastUses } from '#libs/read-model';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';

jest.setTimeout(120_000);

let server: GovernanceServer;
let ada: string;
beforeAll(async () => {
  server = await startGovernance();
  ada = await server.acme.person('ada');
});
afterAll(() => server.close());

const entry = (over: object = {}) => ({ account: ada, application: 'crm', usedAt: '2026-03-01T10:00:00Z', ...over });
const report = (entries: readonly object[], options: Parameters<GovernanceServer['post']>[2] = {}) =>
  server.post('/api/v1/usage', { source: 'gateway', entries }, options);
const uses = async () => {
  await server.settle();
  return lastUses(server.database, { tenant: 'acme', accounts: [ada] });
};

it('is taken with the day of each use, by application and by role', async () => {
  const answer = await report([entry(), entry({ role: 'crm.reader', usedAt: '2026-02-27T10:00:00Z' })]);
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({ entries: 2, positionToken: expect.any(String) });
  expect((await uses()).map(({ role, usedOn, source }) => [role, usedOn, source])).toEqual(
    expect.arrayContaining([
      [null, '2026-03-01', 'gateway'],
      ['crm.reader', '2026-02-27', 'gateway'],
    ]),
  );
});

it('is taken once, however often it is sent, and its key is for one report', async () => {
  const answers = [await report([entry()], { key: 'same' }), await report([entry()], { key: 'same' })];
  const [first, second] = await Promise.all(answers.map((answer) => answer.json()));
  expect(second).toEqual(first);
  expect((await report([entry({ application: 'erp' })], { key: 'same' })).status).toBe(422);
});

it.each<[string, () => object, string, string]>([
  [
    'an account that is not there',
    () => entry({ account: '00000000-0000-4000-8000-000000000000' }),
    'usage-accounts-unknown',
    'entries.1',
  ],
  ['a use in the future', () => entry({ usedAt: '2026-03-02T08:05:01Z' }), 'usage-time-refused', 'entries.1'],
  ['a use of long ago', () => entry({ usedAt: '2025-01-01T00:00:00Z' }), 'usage-time-refused', 'entries.1'],
])('is refused as a whole with %s, which it names', async (_, wrong, code, names) => {
  const before = await uses();
  const answer = await report([entry({ application: 'erp' }), wrong()]);
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ code, detail: expect.stringContaining(names) });
  expect(await uses()).toEqual(before);
});

it('is bounded', async () => {
  expect((await report([])).status).toBe(400);
  expect((await report(Array.from({ length: 1_001 }, () => entry()))).status).toBe(400);
});

it('needs the scope for it', async () => {
  const headers = await server.acme.key(['audit:read']);
  expect((await report([entry()], { headers })).status).toBe(403);
});

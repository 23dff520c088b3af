/** What changed between two instants, over HTTP on a real engine: events encrypted in the store, sealed, projected. */
import {
  ada,
  assigned,
  by,
  byHand,
  connectionRegistered,
  deactivated,
  historyOf,
  olga,
  provisioned,
  revoked,
  roleDefined,
  rule,
  tenantRegistered,
  writeHistory,
  yusuf,
} from '#libs/testing';
import { type AuditServerUnderTest, startAuditServer } from '../audit-server.fixture.js';

const NOW = '2026-03-10T00:00:00.000Z';
const minute = (nth: number) => new Date(Date.parse('2026-03-02T08:00:00.000Z') + nth * 60_000).toISOString();

/** Position 0 is InstallationCreated; these follow from 1 on, a minute apart from eight o'clock. */
const history = historyOf(
  tenantRegistered('acme'), // 1, 08:00
  tenantRegistered('globex'),
  roleDefined('crm.reader'),
  roleDefined('crm.admin', { privileged: true }),
  connectionRegistered('okta', [rule('admins', 'crm-admins', ['crm.admin'])]), // 5
  provisioned(ada),
  assigned(ada, 'crm.admin', by('okta', 'admins')), // 7, 08:06
  assigned(ada, 'crm.reader', byHand(olga)), // 8, 08:07
  revoked(ada, 'crm.admin', { code: 'rule-no-longer-matches' }), // 9, 08:08
  provisioned(yusuf),
  assigned(yusuf, 'crm.reader'),
  deactivated(ada), // 12, 08:11
);

interface Changes {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly nextCursor: string | null;
  readonly from: string | null;
  readonly to: string;
  readonly knownAt: number;
}

jest.setTimeout(60_000);

describe('the difference of access', () => {
  let server: AuditServerUnderTest;
  beforeAll(async () => {
    server = await startAuditServer(NOW);
    await writeHistory(server, history);
    await server.catchUp();
  });
  afterAll(() => server?.close());

  const ask = async (query: string, key = 'acme'): Promise<Changes> => {
    // what says nothing of a position is about everything that was recorded before, also that somebody asked before
    await server.catchUp();
    const { status, body } = await server.get(`/api/v1/access/diff?${query}`, key);
    expect({ query, status, body: status === 200 ? null : body }).toEqual({ query, status: 200, body: null });
    return body;
  };
  const told = ({ items }: Changes) => items.map(({ change, role, because }) => `${change} ${role}: ${because}`);

  it('has the rows of the report, by the names of its columns', async () => {
    const changes = await ask(`from=${minute(6)}&to=${minute(8)}`);
    expect(told(changes)).toEqual(['lost crm.admin: rule-no-longer-matches', 'gained crm.reader: granted']);
    expect(changes.items[1]).toMatchObject({
      effectiveAt: minute(7),
      accountId: ada.account,
      userName: 'ada@acme.example',
      application: 'crm',
      privileged: false,
      by: `account:${olga.account}`,
      reason: 'needed for the project',
      position: 8,
    });
    expect(changes).toMatchObject({ from: minute(6), to: minute(8), knownAt: history.length, nextCursor: null });
  });

  it('goes from the beginning of the log up to now when nothing is said', async () => {
    const changes = await ask('');
    expect(told(changes)).toHaveLength(4);
    expect(changes).toMatchObject({ from: null, to: NOW });
  });

  it('takes a day as its end in the time zone of the tenant', async () => {
    expect(told(await ask('to=2026-03-01'))).toEqual([]);
    expect(await ask('from=2026-03-01&to=2026-03-02')).toMatchObject({
      from: '2026-03-01T22:59:59.999Z',
      to: '2026-03-02T22:59:59.999Z',
    });
  });

  it('comes in pages about one period and one state of knowledge', async () => {
    const all: string[] = [];
    let page = await ask(`to=${minute(8)}&knownAt=9&limit=1`);
    for (all.push(...told(page)); page.nextCursor; all.push(...told(page)))
      page = await ask(`limit=1&cursor=${page.nextCursor}`);
    expect(all).toEqual([
      'gained crm.admin: granted',
      'lost crm.admin: rule-no-longer-matches',
      'gained crm.reader: granted',
    ]);
    expect(page).toMatchObject({ from: null, to: minute(8), knownAt: 9 });
  });

  it('withholds personal data from a key that may not see it', async () => {
    const { items } = await ask(`from=${minute(8)}`, 'acme-blind');
    expect(items).toEqual([
      expect.objectContaining({
        change: 'lost',
        because: 'account-deactivated',
        userName: '[withheld]',
        reason: '[withheld]',
      }),
    ]);
  });

  it('never answers with what another tenant has', async () => {
    expect(told(await ask('', 'globex'))).toEqual(['gained crm.reader: granted']);
    const { status } = await server.get(`/api/v1/access/diff?account=${ada.account}`, 'globex');
    expect(status).toBe(404);
  });

  it('between an instant and itself is none', async () => {
    const page = await ask(`from=${minute(8)}&to=${minute(8)}`);
    expect(page).toMatchObject({ items: [], from: minute(8), to: minute(8) });
  });

  it.each([
    [`from=${minute(9)}&to=${minute(8)}`, 422, 'from-after-to'],
    ['from=2026-03-05&to=2026-03-04', 422, 'from-after-to'],
    ['to=2026-03-10T00:00:00.001Z', 422, 'date-in-future'],
    ['from=yesterday', 400, 'invalid-date'],
    ['knownAt=4711', 422, 'known-at-beyond-log'],
    ['role=crm.nobody', 404, 'not-found'],
    ['limit=201', 400, 'invalid-limit'],
    ['cursor=bm9uZQ', 400, 'invalid-cursor'],
    [
      `cursor=${Buffer.from(JSON.stringify(['access-diff.1', '', NOW, 9, "1:' or true:0", 0])).toString('base64url')}`,
      400,
      'invalid-cursor',
    ],
    [
      `to=${minute(7)}&cursor=${Buffer.from(JSON.stringify(['access-diff.1', '', NOW, 9, '', 0])).toString('base64url')}`,
      400,
      'invalid-cursor',
    ],
  ])('refuses %s', async (query, status, code) => {
    expect(await server.get(`/api/v1/access/diff?${query}`, 'acme')).toMatchObject({ status, body: { code } });
  });

  it('is for those who may read the audit', async () => {
    expect((await server.get('/api/v1/access/diff', 'acme-writer')).status).toBe(403);
  });
});

import { orphanAccounts } from '#libs/read-model';
import {
  ada,
  assigned,
  at,
  bo,
  Chronicle,
  connectionDisabled,
  connectionRegistered,
  deactivated,
  linked,
  manually,
  olga,
  onEveryDatabase,
  person,
  provisioned,
  signedIn,
  through,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { orphanReport } from './orphan.report.js';

/** Goal: for whom no source vouched on a day, as the connections stood then, and in agreement with the findings. */

const eve = person('Eve', 'Lund');
const made = person('Mia', 'Made');
const gone = person('Gus', 'Gone');
const day = (month: number, n: number) =>
  `2026-${String(month).padStart(2, '0')}-${String(n).padStart(2, '0')}T08:00:00.000Z`;
const from = (connection: string) => ({ source: through(connection), links: [{ connection, subject: 'someone' }] });

const switched = (connection: string, type: string) => ({
  category: 'connection',
  tenant: 'acme',
  id: connection,
  event: () => ({ type, data: { connection, reason: null } }),
});

const history = new Chronicle(day(1, 1)).record(
  at(day(1, 1), connectionRegistered('okta')), // 0
  connectionRegistered('entra'),
  connectionRegistered('old'),
  provisioned(ada), // 3
  provisioned(bo, from('entra')),
  provisioned(olga, from('entra')),
  provisioned(eve, from('old')), // 6
  provisioned(made, { source: manually, links: [] }),
  provisioned(gone, from('old')),
  linked(olga, 'okta', 'olga'), // 9
  assigned(bo, 'crm.reader'),
  at(day(1, 2), deactivated(gone)), // 11
  at(day(2, 1), connectionDisabled('entra')), // 12
  at(day(2, 2), switched('old', 'ConnectionRemoved')),
  at(day(2, 10), signedIn(ada)), // 14
  at(day(3, 1), switched('entra', 'ConnectionEnabled')), // 15
);

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));
  const report = (over: Parameters<typeof askedOf>[1] = {}, after: string | null = null) =>
    reportOf(orphanReport, told.source, askedOf(history, over), after);
  const lost = async (over: Parameters<typeof askedOf>[1] = {}) =>
    (await report(over)).rows.map(({ account, code, connection }) => [account, code, connection]);

  it('tells of whom each source was disabled, gone or silent on that day', async () => {
    expect(await lost({ asOf: day(1, 20) })).toEqual([]);
    expect(await lost({ asOf: day(2, 11) })).toEqual([
      [bo.account, 'source-disabled', 'entra'],
      [eve.account, 'source-gone', 'old'],
    ]);
    expect(await lost({ asOf: day(3, 2) })).toEqual([[eve.account, 'source-gone', 'old']]);
    expect(await lost({ asOf: day(3, 20) })).toEqual([
      [ada.account, 'source-silent', 'okta'],
      [eve.account, 'source-gone', 'old'],
    ]);
  });

  it('tells all of an account', async () => {
    const { rows } = await report({ asOf: day(2, 11) });
    expect(rows[0]).toEqual({
      account: bo.account,
      userName: 'bo@acme.example',
      displayName: 'Bo Marchetti',
      employeeType: null,
      department: 'Finance',
      manager: '1001',
      kind: 'person',
      directory: 'staff',
      provisionedAt: history[4]?.recordedAt,
      code: 'source-disabled',
      connection: 'entra',
      sources: ['entra: source-disabled'],
      lastHeardAt: history[5]?.recordedAt,
      silentAfter: 'P30D',
      policies: [],
      roles: ['crm.reader'],
      privileged: false,
      position: 4,
    });
  });

  it('knows nothing of what came later', async () =>
    expect(await lost({ asOf: day(2, 11), knownAt: 12 })).toEqual([
      [ada.account, 'source-silent', 'okta'],
      [bo.account, 'source-disabled', 'entra'],
      [olga.account, 'source-silent', 'okta'],
      [eve.account, 'source-silent', 'old'],
    ]));

  it('accounts for every account that was made, and says why it is left out', async () => {
    const over = { asOf: day(2, 11) };
    const { rows, counts } = await report(over);
    expect(await orphanReport.population(told.source, askedOf(history, over), { rows: rows.length, counts })).toEqual([
      { of: 'accounts', recorded: 6, listed: 2, excluded: { vouchedFor: 2, madeByHand: 1, deactivated: 1 } },
      { of: 'grants with their histories', recorded: 1, listed: 1, excluded: {} },
      { of: 'events that gave or ended grants', recorded: 1, listed: 1, excluded: {} },
    ]);
    for (const filter of [{ connection: 'old' }, { account: bo.account }, { role: 'crm.reader' }])
      expect(await reconciles(orphanReport, told.source, askedOf(history, { ...over, filter }))).toEqual([]);
    expect(await lost({ ...over, filter: { connection: 'old' } })).toEqual([[eve.account, 'source-gone', 'old']]);
  });

  it.each([day(3, 2), day(3, 20), day(4, 20)])('agrees on %s with what the findings look for now', async (now) => {
    const silentBefore = new Date(Date.parse(now) - 30 * 86_400_000).toISOString();
    const { items } = await orphanAccounts(told.source.database, { tenant: 'acme', now, silentBefore, limit: 50 });
    expect(await lost({ asOf: now })).toEqual(
      items.map(({ account, code, connection }) => [account, code, connection]),
    );
  });

  it('goes on from its bookmarks, and withholds who they are', async () => {
    const over = { asOf: day(2, 11) };
    const { cells } = await report(over);
    expect((await report(over, '4')).cells).toEqual(cells.slice(1));
    const { rows } = await report({ ...over, personal: false });
    expect(rows[0]).toMatchObject({ userName: '[withheld]', employeeType: null, manager: '[withheld]' });
    expect(JSON.stringify(rows)).not.toMatch(/acme\.example|Marchetti|Finance/);
  });
});

import {
  ada,
  assigned,
  bo,
  byElevation,
  byHand,
  Chronicle,
  deactivated,
  doneBy,
  elevationId,
  elevationRequested,
  type Fact,
  olga,
  onEveryDatabase,
  profileUpdated,
  provisioned,
  roleDefined,
  seededId,
  signedIn,
  signInId,
} from '#libs/testing';
import {
  askedOf,
  causedBy,
  markingReader,
  reconciles,
  reportOf,
  wholeStoreOf,
} from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { administratorsReport } from './administrators.report.js';

const BY_OLGA = { kind: 'account', id: olga.account } as const;
const KEY = seededId('key');
const BY_KEY = { kind: 'key', id: KEY } as const;
const REPORT = seededId('report');

const fact = (category: string, id: string, type: string, data: object, tenant = 'acme'): Fact => ({
  category,
  tenant,
  id,
  event: () => ({ type, data }),
});

const keyCreated = fact('apiKey', KEY, 'ApiKeyCreated', {
  key: KEY,
  name: 'nightly export',
  scopes: ['audit:read', 'personal:read'],
  expiresAt: '2027-03-02T08:00:00.000Z',
  secretSha256: '0'.repeat(64),
  reason: 'for the auditors',
});

const auditRead = (tenant: string) =>
  fact(
    'auditRead',
    seededId('read', tenant),
    'AuditRead',
    {
      what: 'report',
      report: REPORT,
      file: 'access.csv',
      after: null,
      through: null,
      personal: true,
      reads: 1,
      since: '2026-03-02T08:00:00.000Z',
    },
    tenant,
  );

function story() {
  const chronicle = new Chronicle();
  chronicle.record(
    provisioned(olga),
    signedIn(ada), // 1
    doneBy({ kind: 'account', id: ada.account }, provisioned(ada, { evidence: signInId(ada) })), // 2, because of 1
    doneBy(BY_OLGA, keyCreated), // 3
    doneBy(BY_OLGA, assigned(ada, 'crm.admin', byHand(olga))),
    roleDefined('crm.reader'), // by the configuration
    doneBy(BY_KEY, deactivated(ada)),
    doneBy(BY_KEY, auditRead('acme')),
    doneBy(BY_KEY, auditRead('globex')),
    provisioned(bo),
    doneBy(BY_OLGA, profileUpdated(olga, { title: 'Head of everything' })), // 10: of her own account, by hand
  );
  return causedBy(chronicle.events, 2, 1);
}

const history = story();

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));

  it('lists what people and keys did, and nothing that a sign-in or the system did', async () => {
    const { rows } = await reportOf(administratorsReport, told.source, askedOf(history));

    expect(
      rows.map(({ action, actorKind, actorName, userName, roles }) => [action, actorKind, actorName, userName, roles]),
    ).toEqual([
      ['ApiKeyCreated', 'account', 'olga@acme.example', null, []],
      ['RolesAssigned', 'account', 'olga@acme.example', 'ada@acme.example', ['crm.admin']],
      ['UserDeactivated', 'key', null, 'ada@acme.example', []],
      ['AuditRead', 'key', null, null, []],
      ['ProfileUpdated', 'account', 'olga@acme.example', 'olga@acme.example', []],
    ]);
  });

  it('lists the access that somebody gave themselves in an emergency, whatever recorded cause it has', async () => {
    const chronicle = new Chronicle();
    chronicle.record(
      provisioned(olga),
      signedIn(olga), // 1
      elevationRequested(olga, 'fire', []), // 2
      doneBy(BY_OLGA, assigned(olga, 'prod.admin', byElevation(elevationId(olga, 'fire')))), // 3, because of 2
      doneBy(BY_OLGA, assigned(olga, 'crm.reader')), // 4, because of 1
    );
    const emergency = causedBy(causedBy(chronicle.events, 3, 2), 4, 1);
    await told.tell(emergency);

    const { rows, counts } = await reportOf(administratorsReport, told.source, askedOf(emergency));

    expect(rows.map(({ action, actor, roles }) => [action, actor, roles])).toEqual([
      ['RolesAssigned', olga.account, ['prod.admin']],
    ]);
    expect(counts).toEqual({ 'listed.events': 1, 'excluded.bySignIn': 1 });
  });

  it('lists what somebody did to themselves because of something that the log does not have', async () => {
    await told.source.database.query(`delete from read_model.events_v1 where type = 'SignedIn'`);
    const { rows } = await reportOf(administratorsReport, told.source, askedOf(history));
    expect(rows.map(({ action }) => action)).toContain('UserProvisioned');
  });

  it('tells the rights of a key, and what was read', async () => {
    const { rows } = await reportOf(administratorsReport, told.source, askedOf(history));

    expect(rows[0]).toEqual({
      recordedAt: '2026-03-02T08:03:00.000Z',
      actorKind: 'account',
      actor: olga.account,
      actorName: 'olga@acme.example',
      action: 'ApiKeyCreated',
      object: 'apiKey',
      target: KEY,
      account: null,
      userName: null,
      roles: [],
      details: ['expiresAt=2027-03-02T08:00:00.000Z', 'scopes=audit:read, personal:read'],
      reason: 'for the auditors',
      by: `account:${olga.account}`,
      event: history[3]?.id,
      position: 3,
    });
    expect(rows[3]).toMatchObject({
      actor: KEY,
      details: [
        'what=report',
        `report=${REPORT}`,
        'file=access.csv',
        'reads=1',
        'since=2026-03-02T08:00:00.000Z',
        'personal=true',
      ],
    });
  });

  it('says what sign-ins did, and leaves nothing out', async () => {
    const { counts } = await reportOf(administratorsReport, told.source, askedOf(history));

    expect(counts).toEqual({ 'listed.events': 5, 'excluded.bySignIn': 1 });
    expect(await reconciles(administratorsReport, told.source, askedOf(history))).toEqual([]);
  });

  it('withholds names and reasons', async () => {
    const { rows } = await reportOf(administratorsReport, told.source, askedOf(history, { personal: false }));

    expect(rows[1]).toMatchObject({ actor: olga.account, actorName: '[withheld]', reason: '[withheld]' });
    expect(JSON.stringify(rows)).not.toMatch(/acme\.example|auditors|everything/);
  });
});

/**
 * Goal: equal questions have equal files to the byte, whatever the database under them.
 * Method: one history with rows for every kind is told to the embedded database, to PostgreSQL, and to a PostgreSQL that sorts texts as a
 * dictionary does; every kind is gathered and rendered on each in all formats, with personal data and without. The clock stands still: so
 * even the evidence sheets are the same, which otherwise say when they were made.
 */
import { randomUUID } from 'node:crypto';
import type { PolicySettings } from '#libs/contracts';
import { openDatabase } from '#libs/database';
import type { SealedEvent } from '#libs/kernel';
import {
  ada,
  aReview,
  assigned,
  at,
  bo,
  byElevation,
  byHand,
  Chronicle,
  changeApproved,
  changeHeld,
  connectionChanged,
  connectionDisabled,
  connectionRegistered,
  databasesUnderTest,
  deactivated,
  decisionId,
  doneBy,
  elevationApproved,
  elevationEnded,
  elevationId,
  elevationRequested,
  exceptionGranted,
  type Fact,
  findingId,
  grantId,
  itemClosed,
  itemDecided,
  itemOf,
  itemOpened,
  olga,
  type Person,
  person,
  profileUpdated,
  provisioned,
  reviewOpened,
  revoked,
  roleDefined,
  rule,
  seededId,
  signedIn,
  signInId,
  signInRefused,
  silent,
  type TestDatabase,
  tenantRegistered,
  through,
  yusuf,
} from '#libs/testing';
import {
  accountDisabledAtSource,
  askedOf,
  inOneCommand,
  markingReader,
  sessionsEnded,
  wholeStoreOf,
} from '../events/told-history.fixture.js';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import { accessReport } from '../kinds/access/access.report.js';
import { REPORTS } from '../kinds/index.js';
import type { ReportKind } from '../report-kind.js';
import { HELD, hashes, idOf, never, reportJobs } from './report-jobs.fixture.js';
import type { ReportRunnerDependencies } from './report-runner.js';

const FORMATS = ['csv', 'json', 'xlsx', 'html'] as const;

/** More people than a page of grants, of accounts or of events holds. */
const CROWD = 320;

const BY_OLGA = { kind: 'account', id: olga.account } as const;
const NOTICE = seededId('notice');
const LEFT_AT = '2026-02-20T12:00:00.000Z';
const NEXT_YEAR = '2027-01-01T00:00:00.000Z';
const day = (month: number, n: number) =>
  `2026-${String(month).padStart(2, '0')}-${String(n).padStart(2, '0')}T08:00:00.000Z`;

/** Names that formats have to write with care, and that one locale sorts before others and another one after them. */
const eve = person('Eve', 'Lund', { displayName: '=HYPERLINK("http://a.example","Eve")', department: 'Sales; "EMEA"' });
const ole = person('Ole', 'Åström', { displayName: 'Åström, <b>Ole</b>\n& Sons', department: 'Ärger' });
const gus = person('Gus', 'Gone', { displayName: '[erased]' });
const crowd = Array.from({ length: CROWD }, (_, n) =>
  person(`P${n}`, n % 2 ? 'anders' : 'Zorn', { department: ['sales', 'Sales', 'SALES-2', 'sales.2'][n % 4] ?? null }),
);
const ROLES = ['crm.reader', 'cr-z.reader', 'cra.reader', 'pay.create', 'pay.approve'] as const;

const policy = (id: string, settings: PolicySettings): Fact => ({
  category: 'policy',
  tenant: 'acme',
  id,
  event: () => ({
    type: 'PolicyDefined',
    data: { policy: id, settings, enabled: true, managedBy: 'api', reason: 'asked for' },
  }),
});

const violation = (who: Person): Fact => ({
  category: 'finding',
  tenant: who.tenant,
  id: findingId(who.account),
  event: () => ({
    type: 'SodViolationDetected',
    data: {
      finding: findingId(who.account),
      policy: 'maker-checker',
      policyVersion: 1,
      account: who.account,
      held: ['pay.create', 'pay.approve'].map((role) => ({ role, grant: grantId(who, role), event: null })),
      owner: olga.account,
    },
  }),
});

const keyCreated: Fact = {
  category: 'apiKey',
  tenant: 'acme',
  id: seededId('key'),
  actor: BY_OLGA,
  event: () => ({
    type: 'ApiKeyCreated',
    data: {
      key: seededId('key'),
      name: 'nightly export',
      scopes: ['audit:read', 'personal:read'],
      expiresAt: NEXT_YEAR,
      secretSha256: '0'.repeat(64),
      reason: 'for the auditors',
    },
  }),
};

const review = aReview('spring');
const kept = itemOf(review, bo, 'pay.create');
const taken = itemOf(review, bo, 'cr-z.reader');

const beginning: readonly Fact[] = [
  at(day(1, 5), tenantRegistered('acme')),
  tenantRegistered('globex'),
  connectionRegistered('okta', [rule('engineers', 'engineers', ['crm.reader'])]),
  connectionRegistered('entra'),
  ...ROLES.map((role) => roleDefined(role, { privileged: role.startsWith('pay') })),
  roleDefined('crm.reader', { name: 'Reader' }),
  roleDefined('prod.admin', { privileged: true }),
  policy('maker-checker', {
    kind: 'sod',
    roles: [['pay.create'], ['pay.approve']],
    mode: 'detective',
    owner: 'olga@acme.example',
  }),
  policy('quiet', { kind: 'dormant', after: 'P60D', action: 'finding', maxPerRun: 100, owner: null }),
];

const people = (somebody: Person): readonly Fact[] => [
  doneBy({ kind: 'system', id: 'import' }, provisioned(olga)),
  signedIn(ada),
  provisioned(ada, {
    evidence: signInId(ada),
    claims: [{ name: 'groups', values: ['engineers', 'travel'] }],
    ruleVersions: ['engineers@1'],
  }),
  assigned(ada, 'crm.reader', undefined, { evidence: signInId(ada) }),
  ...[bo, eve, gus, ...crowd].map((who) => provisioned(who)),
  provisioned(somebody, { source: through('entra'), links: [{ connection: 'entra', subject: 'ole' }] }),
  provisioned(yusuf),
  assigned(yusuf, 'crm.reader'),
  ...crowd.map((who, n) => assigned(who, ROLES[n % 3] ?? 'crm.reader')),
  ...[bo, eve].flatMap((who) => [assigned(who, 'pay.create'), assigned(who, 'pay.approve', byHand(olga))]),
  doneBy(BY_OLGA, assigned(bo, 'cr-z.reader', byHand(olga), { until: NEXT_YEAR })),
  assigned(ole, 'cra.reader'),
  assigned(gus, 'crm.reader'),
];

const course: readonly Fact[] = [
  at(day(2, 2), violation(bo)),
  violation(eve),
  exceptionGranted(bo, 'august', NEXT_YEAR),
  keyCreated,
  doneBy(BY_OLGA, profileUpdated(ada, { title: 'Head of "everything"', department: 'Ärger' })),
  signInRefused(eve, 'group-required'),
  reviewOpened(review),
  itemOpened(kept, [olga]),
  itemOpened(taken, [olga, ada], { recommendation: { decision: 'revoke', because: ['no sign-in for 40 days'] } }),
  itemDecided(kept, 'certify', olga, { tookMs: 4_200 }),
  itemDecided(taken, 'revoke', olga, { tookMs: 1_100, bulk: true }),
  revoked(bo, 'cr-z.reader', { code: 'review', evidence: decisionId(taken), reason: 'nobody needs it' }),
  itemClosed(kept, 'certified'),
  itemClosed(taken, 'revoked', { effectAfterMs: 60_000 }),
  elevationRequested(ada, 'stuck', [bo]),
  elevationApproved(ada, 'stuck', bo, { reason: 'go ahead' }),
  assigned(ada, 'prod.admin', byElevation(elevationId(ada, 'stuck')), { until: NEXT_YEAR }),
  elevationRequested(bo, 'brief', [olga]),
  elevationApproved(bo, 'brief', olga),
  assigned(bo, 'prod.admin', byElevation(elevationId(bo, 'brief')), { nth: 2, until: NEXT_YEAR }),
  revoked(bo, 'prod.admin', { nth: 2, code: 'elevation-ended' }),
  elevationEnded(bo, 'brief'),
  at('2026-02-20T12:00:02.000Z', accountDisabledAtSource(gus, NOTICE, LEFT_AT)),
  deactivated(gus, { ...through('okta'), kind: 'signal' }, LEFT_AT),
  sessionsEnded(gus, seededId('sessions'), { signal: NOTICE, occurredAt: LEFT_AT }),
  changeHeld('wider'),
  changeApproved('wider'),
  doneBy(BY_OLGA, connectionChanged('okta', [rule('engineers', 'engineers', ['crm.reader', 'cr-z.reader'], 2)])),
  at(day(3, 1), connectionDisabled('entra')),
  at(day(5, 10), signedIn(ada, 'okta', { nth: 2 })),
];

/** Half a year of the tenant acme, and a little of another one. */
function story(somebody = ole): readonly SealedEvent[] {
  const chronicle = new Chronicle(day(1, 5));
  chronicle.record(...beginning, ...people(somebody), ...course);
  const made = chronicle.events.findIndex(({ data }) => (data as { evidence?: string }).evidence === signInId(ada));
  return inOneCommand(chronicle.events, made, made + 1);
}

const history = story();

/** A database of the given PostgreSQL in which texts are sorted as in an English dictionary, which passes over dots and hyphens. */
async function openDictionary(open: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const server = await open();
  const url = new URL(server.url ?? '');
  url.pathname = `/dictionary_${randomUUID().replaceAll('-', '')}`;
  await server.database.query(
    `create database ${url.pathname.slice(1)} template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US-u-ka-shifted'`,
  );
  const database = await openDatabase({ url: url.href, dataDir: server.dataDir, log: silent });
  const drop = async () => {
    await database.close();
    await server.database.query(`drop database ${url.pathname.slice(1)} with (force)`);
    await server.drop();
  };
  return { ...server, database, url: url.href, drop };
}

/** An engine with the history in it, and whoever makes reports there. */
function engine(open: () => Promise<TestDatabase>) {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  const jobs = reportJobs(told, history);
  const make = async (kind: ReportKind, { personal }: { readonly personal: boolean }) => {
    const id = idOf(`${kind.kind} ${personal}`);
    await jobs.queue.add({
      id,
      commandDigest: id,
      kind: kind.kind,
      version: kind.version,
      question: askedOf(history, { asOf: '2026-06-30T21:59:59.999Z', personal }),
      formats: FORMATS,
      requestedBy: { kind: 'key', id: 'auditor' },
    });
    const observe: ReportRunnerDependencies['observe'] = (_job, _came, error) => {
      if (error) throw error;
    };
    await jobs.runner(kind, { kinds: REPORTS, observe }).runNext(HELD, never);
    return jobs.found(id);
  };
  return { told, make };
}

jest.setTimeout(120_000);

const [embedded, postgres] = databasesUnderTest();
if (!embedded || !postgres) throw new Error('Reports are compared on an embedded database and on PostgreSQL.');

(postgres.skipped ? describe.skip : describe)('the same question', () => {
  const onEmbedded = engine(embedded.open);
  const onPostgres = engine(postgres.open);
  const onDictionary = engine(() => openDictionary(postgres.open));

  it('is asked where texts are sorted differently', async () => {
    const sorted = ({ told }: ReturnType<typeof engine>) =>
      told.source.database.query(`select role from unnest($1::text[]) role order by role`, [ROLES]);
    expect((await sorted(onDictionary)).rows).not.toEqual((await sorted(onPostgres)).rows);
  });

  it.each([...REPORTS.values()].map((kind) => [kind.kind, kind] as const))(
    'about %s has the same files everywhere',
    async (_name, kind) => {
      for (const personal of [true, false]) {
        const report = await onEmbedded.make(kind, { personal });
        expect(report.rows).toBeGreaterThan(0);
        expect(hashes(report).map(([name]) => name)).toEqual(FORMATS.map((format) => `${kind.kind}.${format}`));
        for (const other of [onPostgres, onDictionary]) {
          const same = await other.make(kind, { personal });
          expect(same.files).toEqual(report.files);
        }
        expect(report.sheet).toMatchObject({ complete: true, problems: [] });
      }
    },
  );

  it('has other files to whoever may not see what is personal', async () => {
    const [shown, withheld] = [
      hashes(await onEmbedded.make(accessReport, { personal: true })),
      hashes(await onEmbedded.make(accessReport, { personal: false })),
    ];
    for (const [index, file] of shown.entries()) expect(file).not.toEqual(withheld[index]);
  });

  it('has other files when one cell of one row is one letter longer (control)', async () => {
    const before = hashes(await onEmbedded.make(accessReport, { personal: true }));
    await onPostgres.told.tell(story({ ...ole, profile: { ...ole.profile, department: 'Ärgern' } }));
    const after = hashes(await onPostgres.make(accessReport, { personal: true }));
    for (const [index, file] of before.entries()) expect(file).not.toEqual(after[index]);
  });
});

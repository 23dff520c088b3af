/** No row that is lost in the read model may leave a report that is wrong and says that it is complete. */
import type { PolicySettings } from '#libs/contracts';
import {
  ada,
  applicationSignedIn,
  aReview,
  assigned,
  at,
  bo,
  by,
  byElevation,
  byHand,
  Chronicle,
  changeApproved,
  changeHeld,
  confirmed,
  connectionChanged,
  connectionDisabled,
  connectionRegistered,
  type DatabaseUnderTest,
  databasesUnderTest,
  deactivated,
  decisionId,
  doneBy,
  elevationApproved,
  elevationEnded,
  elevationExtended,
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
  keptBack,
  linked,
  merged,
  olga,
  type Person,
  person,
  profileUpdated,
  provisioned,
  reactivated,
  reduced,
  reviewOpened,
  revoked,
  roleChanged,
  roleDefined,
  roleRetired,
  rule,
  seededId,
  signedIn,
  signInId,
  signInRefused,
  through,
  usageReported,
} from '#libs/testing';
import {
  accountDisabledAtSource,
  applicationSessionsEnded,
  askedOf,
  causedBy,
  markingReader,
  reportOf,
  sessionsEnded,
  type WholeReport,
  wholeStoreOf,
} from '../events/told-history.fixture.js';
import { makeEvidence } from '../evidence/make-evidence.js';
import { walkTenantLog } from '../evidence/tenant-log.queries.js';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import type { Question } from '../question.js';
import type { ReportKind, ReportSource } from '../report-kind.js';
import { everyQuestion } from './every-question.fixture.js';
import { heardSource } from './heard-source.fixture.js';
import { REPORTS } from './index.js';

const eve = person('Eve', 'Lund');
const gus = person('Gus', 'Gone');
const mia = person('Mia', 'Made');
const tim = person('Tim', 'Temporary');
/** Eight in the morning of a day in 2026. */
const day = (month: number, n: number) =>
  `2026-${String(month).padStart(2, '0')}-${String(n).padStart(2, '0')}T08:00:00.000Z`;
const NEXT_YEAR = '2027-01-01T00:00:00.000Z';
const BY_OLGA = { kind: 'account', id: olga.account } as const;

const SOD: PolicySettings = {
  kind: 'sod',
  roles: [['pay.create'], ['pay.approve']],
  mode: 'detective',
  owner: 'olga@acme.example',
};
const DORMANT: PolicySettings = { kind: 'dormant', after: 'P30D', action: 'finding', maxPerRun: 100, owner: null };
const defined = (policy: string, settings: PolicySettings): Fact => ({
  category: 'policy',
  tenant: 'acme',
  id: policy,
  event: () => ({
    type: 'PolicyDefined',
    data: { policy, settings, enabled: true, managedBy: 'api', reason: null },
  }),
});
const switched = (connection: string, type: string): Fact => ({
  category: 'connection',
  tenant: 'acme',
  id: connection,
  event: () => ({ type, data: { connection, reason: null } }),
});
const detected = (who: Person): Fact => ({
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
const conflict = {
  policy: 'maker-checker',
  policyVersion: 1,
  keptBack: [{ role: 'pay.approve', rule: 'approvers', ruleVersion: 2 }],
  held: ['pay.create'],
};

const review = aReview('quarterly');
const [reads, approves] = [itemOf(review, ada, 'crm.reader'), itemOf(review, bo, 'pay.approve')];
const NOTICE = seededId('notice');
const LEFT_AT = day(4, 20);
const from = (connection: string) => ({ source: through(connection), links: [{ connection, subject: 'someone' }] });

/** Connections, roles, policies and people. */
const BEGINNING: readonly Fact[] = [
  at(day(1, 1), connectionRegistered('okta', [rule('engineers', 'engineers', ['crm.reader'])])),
  connectionRegistered('entra'),
  connectionRegistered('old'),
  roleDefined('crm.reader', { name: 'Reader' }),
  roleDefined('pay.create'),
  roleDefined('pay.approve'),
  roleDefined('prod.admin', { privileged: true, risk: 'high' }),
  defined('maker-checker', SOD),
  defined('quiet', DORMANT),
  ...[olga, mia].map((who) => provisioned(who)),
  provisioned(bo, from('entra')),
  provisioned(gus, from('old')),
  provisioned(eve, from('old')),
  linked(eve, 'entra', 'eve'),
  provisioned(tim, { expiresAt: day(4, 10) }),
];

/** Who was given what, and what stood against it. */
const GIVEN: readonly Fact[] = [
  at(day(1, 10), signedIn(ada, 'okta')),
  doneBy({ kind: 'account', id: ada.account }, provisioned(ada, { evidence: signInId(ada) })),
  assigned(ada, 'crm.reader', by('okta', 'engineers'), { evidence: signInId(ada), until: day(2, 10) }),
  doneBy(BY_OLGA, assigned(bo, 'pay.create', byHand(olga))),
  doneBy(BY_OLGA, assigned(bo, 'pay.approve', byHand(olga))),
  assigned(mia, 'pay.create', byHand(olga)),
  assigned(mia, 'pay.approve', byHand(olga)),
  assigned(gus, 'crm.reader', byHand(olga)),
  assigned(tim, 'crm.reader', byHand(olga)),
  assigned(eve, 'prod.admin', byHand(olga), { until: NEXT_YEAR }),
  detected(bo),
  exceptionGranted(mia, 'august', NEXT_YEAR),
  keptBack(olga, [conflict]),
];

/** Sign-ins and uses, and changes of what is set and of people. */
const USED: readonly Fact[] = [
  at(day(2, 1), signedIn(ada, 'okta', { nth: 2 })),
  confirmed(ada, 'crm.reader', day(3, 10)),
  signedIn(bo, 'entra'),
  signedIn(gus, 'old'),
  signedIn(gus, 'old', { nth: 2 }),
  signInRefused(gus, 'not-admitted', { connection: 'old', nth: 2 }),
  signedIn(eve, 'entra'),
  applicationSignedIn(eve, 'prod'),
  applicationSignedIn(eve, 'prod', 2),
  usageReported('february', 'siem', [
    { account: eve.account, application: 'prod', role: 'prod.admin', usedAt: day(2, 2) },
    { account: ada.account, application: 'prod', role: 'prod.admin', usedAt: day(2, 2) },
  ]),
  roleChanged('crm.reader', { name: 'Reads' }),
  roleChanged('pay.approve', { name: 'Approver', privileged: true }),
  profileUpdated(ada, { department: 'Research' }),
  profileUpdated(bo, { department: 'Sales' }),
  profileUpdated(tim, { department: 'Sales' }),
  connectionDisabled('entra'),
  switched('old', 'ConnectionRemoved'),
  connectionChanged('okta', [rule('engineers', 'engineers', ['crm.reader', 'crm.admin'], 2)]),
  switched('entra', 'ConnectionEnabled'),
  connectionDisabled('entra'),
];

/** What was taken for a time, what reviewers decided, and a change that waited. */
const REVIEWED: readonly Fact[] = [
  at(day(3, 1), elevationRequested(ada, 'stuck', [olga, bo], { approvalsNeeded: 2 })),
  elevationApproved(ada, 'stuck', olga, { complete: false, grant: null, effectiveAt: null, until: null }),
  elevationApproved(ada, 'stuck', bo, { grant: grantId(ada, 'prod.admin'), until: NEXT_YEAR }),
  assigned(ada, 'prod.admin', byElevation(elevationId(ada, 'stuck')), { until: NEXT_YEAR }),
  elevationExtended(ada, 'stuck', bo, NEXT_YEAR),
  elevationRequested(olga, 'fire', [], { breakGlass: true, approvalsNeeded: 0 }),
  elevationApproved(olga, 'fire', null, { grant: grantId(olga, 'prod.admin'), until: day(3, 2) }),
  assigned(olga, 'prod.admin', byElevation(elevationId(olga, 'fire')), { until: day(3, 2) }),
  elevationEnded(olga, 'fire', { grant: grantId(olga, 'prod.admin') }),
  reviewOpened(review),
  itemOpened(reads, [olga]),
  itemOpened(approves, [olga]),
  itemDecided(reads, 'abstain', olga),
  itemDecided(reads, 'reduce', olga, { nth: 2, until: day(6, 1) }),
  reduced(ada, 'crm.reader', day(3, 9), { decision: decisionId(reads, 2) }),
  itemClosed(reads, 'reduced', { because: decisionId(reads, 2), effectAfterMs: 60_000 }),
  at(day(3, 10), confirmed(ada, 'crm.reader', day(6, 10))),
  confirmed(ada, 'crm.reader', day(6, 20)),
  itemDecided(approves, 'revoke', olga),
  { ...revoked(bo, 'pay.approve', { code: 'review', evidence: decisionId(approves) }), eventId: seededId('ended') },
  itemClosed(approves, 'revoked', { because: seededId('ended'), effectAfterMs: 60_000 }),
  reduced(eve, 'prod.admin', day(12, 1), { decision: decisionId(reads, 2) }),
  changeHeld('wider', {}, 'acme'),
  changeApproved('wider', { complete: true }),
];

/** Further changes, and a notice of a source. */
const CHANGED: readonly Fact[] = [
  at(day(4, 1), deactivated(eve)),
  reactivated(eve),
  deactivated(tim),
  reactivated(tim),
  doneBy(BY_OLGA, profileUpdated(ada, { displayName: 'Ada O.' })),
  roleChanged('crm.reader', { name: 'Reads all', privileged: true }),
  roleRetired('pay.create'),
  at(day(4, 20), accountDisabledAtSource(gus, NOTICE, LEFT_AT)),
];

/** Something of everything that reports tell, over half a year: whatever has a history changes at least twice. */
function story() {
  const chronicle = new Chronicle(day(1, 1));
  chronicle.record(...BEGINNING, ...GIVEN, ...USED, ...REVIEWED, ...CHANGED);
  const notice = chronicle.events.length - 1;
  const [gone] = chronicle.record(deactivated(gus, { ...through('old'), kind: 'signal' }, LEFT_AT));
  const { id: cause = '', recordedAt: signalAt = '' } = gone ?? {};
  chronicle.record(
    sessionsEnded(gus, seededId('sessions'), { signal: NOTICE, occurredAt: LEFT_AT }),
    applicationSessionsEnded(gus, seededId('crm sessions'), { cause, signalAt }),
    signInRefused(gus, 'account-deactivated', { connection: 'old' }),
    revoked(gus, 'crm.reader'),
    deactivated(tim), // past his end
    deactivated(mia),
    merged(mia, olga),
    at(day(6, 30), signedIn(ada, 'okta', { nth: 3 })),
  );
  return causedBy(chronicle.events, notice + 1, notice);
}

const history = story();

/** At the end, in a period in the middle, and at an instant before half of it had happened. */
const REQUESTS = everyQuestion(history, [{}, { from: day(2, 15), asOf: day(4, 25) }, { asOf: day(3, 5) }]);

/** Every table of the read model that a report reads. */
const TABLES = [
  'account_history_v2',
  'connections_v2',
  'events_v1',
  'grant_approvals_v1',
  'grant_counts_v1',
  'grant_ends_v1',
  'grant_origins_v1',
  'grants_v1',
  'recorded_uses_v1',
  'review_decisions_v1',
  'roles_v1',
  'sign_ins_v1',
  'withdrawn_sign_ins_v1',
];

/** Streams that wait are there: while it holds one of the tenant, no report is complete. Were it cleared, turns of accounts would be missed. */
const BESIDE = ['parked'];

const REPORT = {
  report: seededId('report'),
  files: [],
  erased: 0,
  parkedStreams: 0,
  generatedBy: 'key:auditor',
  generatedAt: day(7, 1),
  softwareVersion: '0.1.0',
};

const quickest = databasesUnderTest().findLast(({ skipped }) => !skipped) as DatabaseUnderTest;

jest.setTimeout(120_000);

describe('a report of which no row can be lost unseen', () => {
  const told = sealedHistory({
    open: quickest.open,
    reader: markingReader,
    storeOf: wholeStoreOf,
  });
  const query = <R extends object>(text: string, ...values: unknown[]) => told.source.database.query<R>(text, values);
  const whole: string[] = [];
  /** Of each report the tables that its rows come from. No other can change them: whether it is asked depends on these alone. */
  const tablesOf: ReadonlySet<string>[] = [];
  beforeAll(async () => {
    await told.tell(history);
    for (const { kind, question } of REQUESTS) {
      const read = new Set<string>();
      whole.push(JSON.stringify((await reportOf(kind, heardSource(told.source, read), question)).cells));
      tablesOf.push(read);
    }
  });

  const madeOf = (kind: ReportKind, question: Question) => reportOf(kind, told.source, question);

  async function totalsOf(source: ReportSource, kind: ReportKind, question: Question, made: WholeReport) {
    const { cells, counts } = made;
    const listed = { rows: cells.length, counts };
    const kept = async function* () {
      yield cells;
    };
    const population = await kind.population(source, question, listed);
    return { counts, population, summary: (await kind.summary?.(source, question, listed, kept)) ?? {} };
  }

  async function sheetOf(kind: ReportKind, question: Question, made: WholeReport) {
    const totals = await totalsOf(told.source, kind, question, made);
    const rows = made.cells.length;
    return makeEvidence(told.source, { ...REPORT, ...totals, kind, question, rows, kept: { rows, goesOn: false } });
  }

  /** What reports now, without a row of a table, tell otherwise than they should, and call complete. */
  async function wrongAndComplete(table: string): Promise<string[]> {
    const { sealed, projected } = await walkTenantLog(told.source.database, askedOf(history));
    if (sealed !== projected) return []; // no sheet is complete then, whatever the report
    const wrong: string[] = [];
    for (const [index, { kind, question }] of REQUESTS.entries()) {
      if (!tablesOf[index]?.has(table)) continue;
      const made = await madeOf(kind, question);
      if (JSON.stringify(made.cells) === whole[index]) continue;
      const { complete } = await sheetOf(kind, question, made);
      if (complete) wrong.push(`${kind.kind} ${JSON.stringify(question)}`);
    }
    return wrong;
  }

  it('is complete as long as none is', async () => {
    for (const { kind, question } of REQUESTS) {
      const made = await madeOf(kind, question);
      const { complete, problems } = await sheetOf(kind, question, made);
      expect({ kind: kind.kind, question, complete, problems }).toMatchObject({ complete: true, problems: [] });
    }
  });

  it.each([...REPORTS.keys()])('has something to lose: %s', (name) =>
    expect(whole[REQUESTS.findIndex(({ kind }) => kind.kind === name)]).not.toBe('[]'),
  );

  it('is made of these tables', async () => {
    const read = new Set<string>();
    const source = heardSource(told.source, read);
    for (const { kind, question } of REQUESTS)
      await totalsOf(source, kind, question, await reportOf(kind, source, question));
    expect([...read].sort()).toEqual([...TABLES, ...BESIDE].sort());
  });

  it.each(TABLES)('has the same rows without any one of %s, or says that it is not complete', async (table) => {
    const { rows } = await query<{ row: object }>(`select to_jsonb(t) as row from read_model.${table} t`);
    expect(rows.length).toBeGreaterThan(0);
    for (const { row } of rows) {
      await query(`delete from read_model.${table} t where to_jsonb(t) = $1::jsonb`, JSON.stringify(row));
      expect({ row, wrong: await wrongAndComplete(table) }).toEqual({ row, wrong: [] });
      await query(
        `insert into read_model.${table} select * from jsonb_populate_record(null::read_model.${table}, $1::jsonb)`,
        JSON.stringify(row),
      );
    }
  });
});

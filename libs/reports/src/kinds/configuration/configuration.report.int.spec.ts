import {
  Chronicle,
  changeApplied,
  changeApproved,
  changeHeld,
  changeId,
  connectionChanged,
  connectionDisabled,
  connectionRegistered,
  doneBy,
  emergencyChange,
  olga,
  onEveryDatabase,
  roleChanged,
  roleDefined,
  roleRetired,
  rule,
  tenantRegistered,
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
import { configurationReport } from './configuration.report.js';

const BY_OLGA = { kind: 'account', id: olga.account } as const;

function story() {
  const chronicle = new Chronicle();
  chronicle.record(
    tenantRegistered('acme'),
    connectionRegistered('okta', [rule('engineers', 'engineers', ['crm.reader'])]),
    doneBy(BY_OLGA, roleDefined('crm.reader', { name: 'Reader' })), // 2
    connectionRegistered('globex-okta', [], 'globex'),
    changeHeld('wider', {}, 'acme'), // 4
    changeApproved('wider', { complete: true }), // 5
    doneBy(BY_OLGA, connectionChanged('okta', [rule('engineers', 'engineers', ['crm.reader', 'crm.admin'], 2)])), // 6, because of 5
    changeApplied('wider'),
    roleChanged('crm.reader', { name: 'Reader', privileged: true }), // 8
    connectionDisabled('okta'),
    emergencyChange('stop'), // 10
    roleRetired('crm.reader'),
  );
  return causedBy(chronicle.events, 6, 5);
}

const history = story();

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));

  it('lists every change of the tenant, and what it was made to', async () => {
    const { rows } = await reportOf(configurationReport, told.source, askedOf(history));

    expect(rows.map(({ what, object, target }) => [what, object, target])).toEqual([
      ['TenantRegistered', 'tenant', 'acme'],
      ['ConnectionRegistered', 'connection', 'okta'],
      ['RoleDefined', 'role', 'crm.reader'],
      ['ChangeHeld', 'heldChange', 'connection:okta'],
      ['ChangeApproved', 'heldChange', changeId('wider')],
      ['ConnectionChanged', 'connection', 'okta'],
      ['ChangeApplied', 'heldChange', changeId('wider')],
      ['RoleChanged', 'role', 'crm.reader'],
      ['ConnectionDisabled', 'connection', 'okta'],
      ['EmergencyChangeRecorded', 'heldChange', 'connection:okta'],
      ['RoleRetired', 'role', 'crm.reader'],
    ]);
  });

  it('tells a change before and after, who made it and who approved of it', async () => {
    const { rows } = await reportOf(configurationReport, told.source, askedOf(history));

    expect(rows[5]).toEqual({
      recordedAt: '2026-03-02T08:06:00.000Z',
      what: 'ConnectionChanged',
      object: 'connection',
      target: 'okta',
      changed: ['rules'],
      before: ['rules[engineers].grant=["crm.reader"]', 'rules[engineers].version=1'],
      after: ['rules[engineers].grant=["crm.reader","crm.admin"]', 'rules[engineers].version=2'],
      managedBy: 'config',
      change: changeId('wider'),
      requestedBy: 'account:olga',
      approvedBy: ['account:bo'],
      emergency: null,
      made: [],
      reason: 'new team',
      by: `account:${olga.account}`,
      event: history[6]?.id,
      position: 6,
    });
  });

  it('lists all that something new is set to, all that ends with it, and of a change only what changed', async () => {
    const { rows } = await reportOf(configurationReport, told.source, askedOf(history));

    expect(rows[2]).toMatchObject({
      before: [],
      after: ['application=crm', 'managedBy=config', 'name=Reader', 'privileged=false', 'risk=low'],
    });
    expect(rows[7]).toMatchObject({ before: ['privileged=false'], after: ['privileged=true'] });
    expect(rows[8]).toMatchObject({ before: ['enabled=true'], after: ['enabled=false'] });
    expect(rows[10]).toMatchObject({
      before: ['application=crm', 'managedBy=config', 'name=Reader', 'privileged=true', 'risk=low'],
      after: [],
    });
  });

  it('tells what could not wait', async () => {
    const { rows } = await reportOf(configurationReport, told.source, askedOf(history));

    expect(rows[9]).toMatchObject({
      change: changeId('stop'),
      emergency: true,
      requestedBy: 'account:olga',
      approvedBy: [],
      changed: ['enabled'],
      reason: 'the source was broken into',
    });
    expect(rows[9]?.['made']).toHaveLength(1);
  });

  it('counts what was approved of, and leaves nothing out', async () => {
    const question = askedOf(history);
    const { cells, counts } = await reportOf(configurationReport, told.source, question);

    const summary = await configurationReport.summary?.(told.source, question, { rows: cells.length, counts });
    expect(summary).toEqual({ changes: 11, approved: 1, emergencies: 1 });
    expect(await reconciles(configurationReport, told.source, question)).toEqual([]);
  });

  it('answers for a connection alone', async () => {
    const question = askedOf(history, { filter: { connection: 'okta' } });
    const { rows } = await reportOf(configurationReport, told.source, question);

    expect(rows.map(({ what }) => what)).toEqual(['ConnectionRegistered', 'ConnectionChanged', 'ConnectionDisabled']);
    expect(await reconciles(configurationReport, told.source, question)).toEqual([]);
  });

  it('withholds reasons', async () => {
    const { rows } = await reportOf(configurationReport, told.source, askedOf(history, { personal: false }));

    expect(rows[5]).toMatchObject({
      reason: '[withheld]',
      before: expect.arrayContaining(['rules[engineers].version=1']),
    });
    expect(JSON.stringify(rows)).not.toMatch(/new team|broken into/);
  });
});

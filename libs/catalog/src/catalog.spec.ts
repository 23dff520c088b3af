import type { EventStore, StoredEvent } from '#libs/event-store';
import {
  ada,
  arrayEventStore,
  clearCodec,
  connectionChanged,
  connectionDisabled,
  connectionRegistered,
  type Fact,
  historyOf,
  installationCreated,
  provisioned,
  roleDefined,
  roleRetired,
  rule,
  seededId,
  storedInClear,
  tenantRegistered,
} from '#libs/testing';
import { Catalog } from './catalog.js';

const key = seededId('key');
const secretSha256 = '5'.repeat(64);
const birth = {
  key,
  name: 'report',
  scopes: ['audit:read'],
  expiresAt: '2026-06-01T00:00:00.000Z',
  secretSha256,
  reason: 'audit',
};
const keyCreated = onInstallation('apiKey', 'ApiKeyCreated', birth);
const applied = onInstallation('configuration', 'ConfigurationApplied', {
  hash: '1'.repeat(64),
  changes: 1,
  prune: false,
});
const removed: Fact = {
  ...connectionDisabled('okta'),
  event: () => ({ type: 'ConnectionRemoved', data: { connection: 'okta', reason: null } }),
};

describe('the catalogue of settings', () => {
  it('is empty before anything happened', async () => {
    const { catalog } = knowing();
    const view = await catalog.current();
    expect([view.tenants(), view.connections(), view.roles('acme'), view.connection('okta')]).toEqual([
      [],
      [],
      [],
      undefined,
    ]);
    expect(view.configuration()).toEqual({ appliedHash: null, heldHash: null });
  });

  it('folds tenants, connections, roles, keys and the configuration, and passes over everything else', async () => {
    const { catalog } = knowing(
      installationCreated(),
      tenantRegistered('globex'),
      tenantRegistered('acme'),
      roleDefined('crm.reader'),
      connectionRegistered('okta', [rule('r', 'g', ['crm.reader'])]),
      provisioned(ada),
      keyCreated,
      applied,
    );
    const view = await catalog.current();
    expect(view.tenants().map(({ id }) => id)).toEqual(['acme', 'globex']);
    expect(view.tenant('acme')?.settings?.timeZone).toBe('Europe/Berlin');
    expect(view.connection('okta')).toMatchObject({ id: 'okta', tenant: 'acme', version: 1, enabled: true });
    expect(view.role('acme', 'crm.reader')).toMatchObject({ id: 'crm.reader', tenant: 'acme', status: 'live' });
    expect(view.apiKey(key)).toMatchObject({ id: key, tenant: 'installation', status: 'live' });
    expect(view.configuration()).toMatchObject({ appliedHash: '1'.repeat(64) });
  });

  it('keeps tenants apart', async () => {
    const { catalog } = knowing(
      tenantRegistered('acme'),
      tenantRegistered('globex'),
      roleDefined('crm.reader'),
      roleDefined('erp.reader', {}, 'globex'),
      connectionRegistered('okta'),
      connectionRegistered('entra', [], 'globex'),
    );
    const view = await catalog.current();
    expect(view.roles('acme').map(({ id }) => id)).toEqual(['crm.reader']);
    expect(view.role('globex', 'crm.reader')).toBeUndefined();
    expect(view.connections('globex').map(({ id }) => id)).toEqual(['entra']);
    expect(view.connections().map(({ id }) => id)).toEqual(['okta', 'entra']);
  });

  it('gives only roles that are live', async () => {
    const { catalog } = knowing(roleDefined('crm.reader'), roleDefined('crm.admin'), roleRetired('crm.admin'));
    const view = await catalog.current();
    expect(view.liveRoles('acme')).toEqual(new Set(['crm.reader']));
    expect(view.roles('acme')).toHaveLength(2);
  });

  it('no longer lists a removed connection, and still knows its id', async () => {
    const { catalog } = knowing(connectionRegistered('okta'), removed);
    const view = await catalog.current();
    expect(view.connections('acme')).toEqual([]);
    expect(view.connection('okta')).toMatchObject({ status: 'removed', enabled: false });
  });
});

describe('the policies of a tenant', () => {
  const policyOf = (tenant: string, id: string, type: string, data: object = {}): Fact => ({
    category: 'policy',
    tenant,
    id,
    event: () => ({ type, data: { policy: id, reason: null, ...data } }),
  });
  const settings = { kind: 'dormant', after: 'P90D', action: 'finding', maxPerRun: 100, owner: null };
  const defined = (tenant: string, id: string) =>
    policyOf(tenant, id, 'PolicyDefined', { settings, enabled: true, managedBy: 'config' });
  const about = (nth: string) => ({ exception: seededId(nth), policy: 'sod', account: ada.account, by: null });
  const until = '2026-06-01T00:00:00.000Z';
  const granted = (nth: string) => ({
    ...about(nth),
    sets: [['a'], ['b']],
    owner: 'ciso',
    control: 'a look',
    until,
    reason: 'small team',
  });
  const ended = (nth: string) => ({ ...about(nth), code: 'by-hand', effectiveAt: until, reason: 'no need' });
  const exceptionOf = (nth: string, type: string): Fact => ({
    category: 'sodException',
    tenant: 'acme',
    id: seededId(nth),
    event: () => ({
      type,
      data: type === 'SodExceptionEnded' ? ended(nth) : granted(nth),
    }),
  });

  it('are its own, also where another tenant uses the same id, and without removed ones', async () => {
    const { catalog } = knowing(
      defined('acme', 'dormant-90'),
      defined('acme', 'dormant-30'),
      defined('globex', 'dormant-90'),
      policyOf('acme', 'dormant-90', 'PolicyDisabled'),
      policyOf('acme', 'dormant-30', 'PolicyRemoved'),
    );
    const view = await catalog.current();
    expect(view.policies('acme')).toEqual([expect.objectContaining({ id: 'dormant-90', enabled: false })]);
    expect(view.policies().map(({ tenant, id }) => `${tenant}/${id}`)).toEqual([
      'acme/dormant-90',
      'globex/dormant-90',
    ]);
    expect(view.policy('acme', 'dormant-30')).toMatchObject({ status: 'removed', tenant: 'acme' });
    expect(view.policy('globex', 'dormant-30')).toBeUndefined();
  });

  it('have exceptions, until their end is written down', async () => {
    const { catalog } = knowing(
      exceptionOf('one', 'SodExceptionGranted'),
      exceptionOf('two', 'SodExceptionGranted'),
      exceptionOf('one', 'SodExceptionEnded'),
    );
    const view = await catalog.current();
    expect(view.sodExceptions('acme')).toEqual([expect.objectContaining({ exception: seededId('two') })]);
    expect(view.sodExceptions('globex')).toEqual([]);
  });
});

describe('disabling works at once: the catalogue', () => {
  it('knows what any process appended before it was asked', async () => {
    const { catalog, happens } = knowing(connectionRegistered('okta'));
    expect((await catalog.current()).connection('okta')?.enabled).toBe(true);
    happens(connectionDisabled('okta'));
    expect((await catalog.current()).connection('okta')?.enabled).toBe(false);
  });

  it('knows it also when a read was under way already', async () => {
    const { catalog, happens, store } = knowing(connectionRegistered('okta'));
    const hold = gate();
    const readLog = store.readLog.bind(store);
    store.readLog = async (query) => {
      const page = await readLog(query);
      await hold.opened;
      return page;
    };
    const early = catalog.current();
    happens(connectionDisabled('okta'));
    const late = catalog.current();
    hold.open();
    await early;
    expect((await late).connection('okta')?.enabled).toBe(false);
  });

  it('reads on over many pages', async () => {
    const changes = Array.from({ length: 2_500 }, (_, index) =>
      connectionChanged('okta', [rule('r', `g${index}`, ['crm.reader'])]),
    );
    const { catalog } = knowing(connectionRegistered('okta'), ...changes);
    expect((await catalog.current()).connection('okta')?.version).toBe(2_501);
  });

  it('shares one read among all who ask at the same time', async () => {
    const { catalog, store } = knowing(connectionRegistered('okta'));
    let reads = 0;
    const readLog = store.readLog.bind(store);
    store.readLog = (query) => {
      reads += 1;
      return readLog(query);
    };
    await catalog.current();
    const alone = reads;
    await Promise.all(Array.from({ length: 100 }, () => catalog.current()));
    expect(reads - alone).toBeLessThanOrEqual(2 * alone);
  });

  it('decides nothing while the store cannot be read, and goes on when it can again', async () => {
    const { catalog, store } = knowing(connectionRegistered('okta'));
    const readLog = store.readLog.bind(store);
    store.readLog = () => Promise.reject(new Error('out of reach'));
    const asked = [catalog.current(), catalog.current(), catalog.current()];
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    store.readLog = readLog;
    expect((await catalog.current()).connection('okta')?.enabled).toBe(true);
  });
});

function onInstallation(category: string, type: string, data: object): Fact {
  return { category, tenant: 'installation', id: category === 'apiKey' ? key : 'file', event: () => ({ type, data }) };
}

function knowing(...facts: Fact[]) {
  const happened: Fact[] = [];
  const log: StoredEvent[] = [];
  const happens = (...news: Fact[]) => {
    happened.push(...news);
    log.push(...storedInClear(historyOf(...happened)).slice(log.length));
  };
  happens(...facts);
  const store: EventStore = arrayEventStore(log);
  return { catalog: new Catalog(store, clearCodec), store, happens };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

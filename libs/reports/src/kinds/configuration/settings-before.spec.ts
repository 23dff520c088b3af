import type { ClientSettings, PolicySettings, RoleSettings } from '#libs/contracts';
import {
  connectionSettings,
  historyOf,
  sampleMetadata,
  sampleTenantSettings,
  seededId,
  storedInClear,
} from '#libs/testing';
import { askedOf, markingReader, wholeStoreOf } from '../../events/told-history.fixture.js';
import type { ReportSource } from '../../report-kind.js';
import { CONFIGURATION_TYPES } from './configuration-types.js';
import { settingChanges } from './setting-changes.js';
import { settingsBefore, settingsIn } from './settings-before.js';

/** Goal: from what to what each configuration fact leads, through the whole life of a thing of each kind. */

/** A fact, and what it changes: settings as they were, and as they are. */
type Step = readonly [type: string, data: object, before: readonly string[], after: readonly string[]];

const WHY = { reason: null };
const all = (what: object): readonly string[] => settingChanges(null, what).after;

const okta = connectionSettings();
const silent = connectionSettings({ trustEmail: false });
const crm: ClientSettings = {
  name: 'CRM',
  tokenEndpointAuthMethod: 'none',
  secretHash: null,
  redirectUris: ['https://crm.example/back'],
  postLogoutRedirectUris: [],
  backchannelLogoutUri: null,
  rolesOf: 'crm',
  connections: ['okta'],
  admitWithoutRole: false,
  requireAuthenticationContext: [],
  refresh: false,
};
const reader: RoleSettings = { application: 'crm', name: 'Reader', privileged: false, risk: 'low', maxDuration: null };
const READER = ['application=crm', 'managedBy=api', 'name=Reader', 'owner=olga', 'privileged=false', 'risk=low'];
const idle: PolicySettings = { kind: 'dormant', after: 'P30D', action: 'finding', maxPerRun: 100, owner: null };
const IDLE = ['action=finding', 'after=P30D', 'enabled=true', 'kind=dormant', 'managedBy=api', 'maxPerRun=100'];
const LATER = ['action=finding', 'after=P60D', 'enabled=false', 'kind=dormant', 'managedBy=api', 'maxPerRun=100'];
const UNTIL = '2026-09-01T00:00:00.000Z';
const by = { managedBy: 'api', ...WHY };
const [key, link] = [seededId('key'), seededId('link')];

const LIVES: Readonly<Record<string, readonly Step[]>> = {
  role: [
    ['RoleDefined', { role: 'it', settings: reader, owner: 'olga', ...by }, [], READER],
    [
      'RoleChanged',
      { role: 'it', settings: { ...reader, risk: 'high' }, owner: 'bo', ...by },
      ['owner=olga', 'risk=low'],
      ['owner=bo', 'risk=high'],
    ],
    [
      'RoleChanged',
      { role: 'it', settings: reader, owner: 'olga', ...by },
      ['owner=bo', 'risk=high'],
      ['owner=olga', 'risk=low'],
    ],
    ['RoleRetired', { role: 'it', ...WHY }, READER, []],
    ['RoleDefined', { role: 'it', settings: reader, owner: 'olga', ...by }, [], READER],
    ['RoleRetired', { role: 'it', ...WHY }, READER, []],
  ],
  policy: [
    ['PolicyDefined', { policy: 'it', settings: idle, enabled: true, ...by }, [], IDLE],
    ['PolicyDisabled', { policy: 'it', ...WHY }, ['enabled=true'], ['enabled=false']],
    ['PolicyEnabled', { policy: 'it', ...WHY }, ['enabled=false'], ['enabled=true']],
    [
      'PolicyChanged',
      { policy: 'it', settings: { ...idle, after: 'P60D' }, changed: ['after'], ...by },
      ['after=P30D'],
      ['after=P60D'],
    ],
    ['PolicyDisabled', { policy: 'it', ...WHY }, ['enabled=true'], ['enabled=false']],
    ['PolicyRemoved', { policy: 'it', ...WHY }, LATER, []],
    ['PolicyDefined', { policy: 'it', settings: idle, enabled: true, ...by }, [], IDLE],
    ['PolicyRemoved', { policy: 'it', ...WHY }, IDLE, []],
  ],
  client: [
    [
      'ClientRegistered',
      { client: 'it', settings: crm, enabled: true, ...by },
      [],
      all({ ...crm, enabled: true, managedBy: 'api' }),
    ],
    ['ClientDisabled', { client: 'it', ...WHY }, ['enabled=true'], ['enabled=false']],
    [
      'ClientChanged',
      { client: 'it', settings: { ...crm, refresh: true }, changed: ['refresh'], ...by },
      ['refresh=false'],
      ['refresh=true'],
    ],
    ['ClientEnabled', { client: 'it', ...WHY }, ['enabled=false'], ['enabled=true']],
    ['ClientRemoved', { client: 'it', ...WHY }, all({ ...crm, refresh: true, enabled: true, managedBy: 'api' }), []],
  ],
  connection: [
    [
      'ConnectionRegistered',
      { connection: 'it', settings: okta, enabled: true, ...by },
      [],
      all({ ...okta, enabled: true, managedBy: 'api' }),
    ],
    ['DomainProved', { connection: 'it', domain: 'acme.example', recordName: 'gatebook' }, [], []],
    ['ConnectionDisabled', { connection: 'it', ...WHY }, ['enabled=true'], ['enabled=false']],
    [
      'ConnectionChanged',
      { connection: 'it', settings: silent, changed: ['trustEmail'], ...by },
      ['trustEmail=true'],
      ['trustEmail=false'],
    ],
    ['ConnectionEnabled', { connection: 'it', ...WHY }, ['enabled=false'], ['enabled=true']],
    [
      'ConnectionMetadataRefreshed',
      refreshed('https://idp.example/a'),
      [],
      all({ facts: factsOf('https://idp.example/a') }),
    ],
    [
      'ConnectionMetadataRefreshed',
      refreshed('https://idp.example/b'),
      ['facts.ssoUrl=https://idp.example/a'],
      ['facts.ssoUrl=https://idp.example/b'],
    ],
    ['DomainProofLapsed', { connection: 'it', domain: 'acme.example' }, [], []],
    [
      'ConnectionRemoved',
      { connection: 'it', ...WHY },
      all({ ...silent, enabled: true, managedBy: 'api', facts: factsOf('https://idp.example/b') }),
      [],
    ],
  ],
  tenant: [
    ['TenantRegistered', { tenant: 'acme', settings: sampleTenantSettings, ...WHY }, [], all(sampleTenantSettings)],
    [
      'TenantChanged',
      { tenant: 'acme', settings: { ...sampleTenantSettings, timeZone: 'UTC' }, changed: ['timeZone'], ...WHY },
      ['timeZone=Europe/Berlin'],
      ['timeZone=UTC'],
    ],
  ],
  apiKey: [
    [
      'ApiKeyCreated',
      { key, name: 'nightly', scopes: ['admin'], expiresAt: UNTIL, secretSha256: '0'.repeat(64), reason: 'a' },
      [],
      [`expiresAt=${UNTIL}`, 'name=nightly', 'scopes=["admin"]'],
    ],
    ['ApiKeyRevoked', { key, reason: 'b' }, [`expiresAt=${UNTIL}`, 'name=nightly', 'scopes=["admin"]'], []],
  ],
  setupLink: [
    [
      'SetupLinkIssued',
      { link, purpose: 'setup', connection: null, tokenSha256: '0'.repeat(64), expiresAt: UNTIL },
      [],
      [`expiresAt=${UNTIL}`, 'purpose=setup'],
    ],
    ['SetupLinkUsed', { link, key, browserSha256: null }, [], []],
  ],
};

function factsOf(ssoUrl: string) {
  return { ...sampleMetadata, ssoUrl };
}

function refreshed(ssoUrl: string) {
  const [url, documentSha256] = ['https://idp.example/metadata', '0'.repeat(64)];
  return { connection: 'it', url, documentSha256, facts: factsOf(ssoUrl), changed: ['ssoUrl'] };
}

/** What the report says of each step of a life, told in one stream. */
async function changesOf(category: string, life: readonly Step[]) {
  const events = historyOf(
    ...life.map(([type, data]) => ({ category, tenant: 'acme', id: 'it', event: () => ({ type, data }) })),
  );
  const store = wholeStoreOf(storedInClear(events));
  const source = { store, reader: markingReader } as Partial<ReportSource> as ReportSource;
  const before = await Promise.all(events.map((event) => settingsBefore(source, askedOf(events), event)));
  return events.map((event, index) => settingChanges(before[index], settingsIn(event)));
}

describe('settings before', () => {
  it.each(Object.entries(LIVES))('each fact about a thing of kind %s, and after it', async (category, life) => {
    const steps = (await changesOf(category, life)).map((change, index) => ({ type: life[index]?.[0], ...change }));

    expect(steps).toEqual(life.map(([type, , before, after]) => ({ type, before, after })));
  });

  it('what a removal ends, however far back it was stated', async () => {
    const switched = Array.from(
      { length: 45 },
      (_, n): Step => [n % 2 ? 'PolicyEnabled' : 'PolicyDisabled', { policy: 'it', ...WHY }, [], []],
    );
    const [defined] = LIVES['policy'] as [Step];
    const ended: Step = ['PolicyRemoved', { policy: 'it', ...WHY }, [], []];
    const changes = await changesOf('policy', [defined, ...switched, ended, defined]);

    expect(changes.at(-2)).toEqual({ before: IDLE.with(2, 'enabled=false'), after: [] });
    expect(changes.at(-1)).toEqual({ before: [], after: IDLE });
  });

  it('are looked at here for every fact about a thing by itself', () => {
    const told = new Set(Object.values(LIVES).flatMap((life) => life.map(([type]) => type)));
    const ofNothing = /^Configuration|^Change|^EmergencyChange/;

    expect(CONFIGURATION_TYPES.filter((type) => !told.has(type) && !ofNothing.test(type))).toEqual([]);
  });
});

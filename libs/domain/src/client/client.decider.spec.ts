import type { ClientSettings } from '#libs/contracts';
import { type Asked, deciding, type Fact, historyOf, nothing, records, refuses } from '#libs/testing';
import { type ConfigureClient, clientDecider, type RemoveClient, type SwitchClient } from './client.decider.js';

const client = deciding(clientDecider);
const settings: ClientSettings = {
  name: 'CRM',
  tokenEndpointAuthMethod: 'client_secret_basic',
  secretHash: `hmac:${'5'.repeat(64)}`,
  redirectUris: ['https://crm.acme.example/callback'],
  postLogoutRedirectUris: [],
  backchannelLogoutUri: null,
  rolesOf: 'crm',
  connections: ['okta'],
  admitWithoutRole: false,
  requireAuthenticationContext: [],
  refresh: true,
};
const born = { client: 'crm', settings, enabled: true, managedBy: 'config', reason: 'configuration' } as const;

const fact = (type: string, data: object): Fact => ({
  category: 'client',
  tenant: 'acme',
  id: 'crm',
  event: () => ({ type, data }),
});
const registered = (over: object = {}) => fact('ClientRegistered', { ...born, ...over });
const disabled = fact('ClientDisabled', { client: 'crm', reason: null });
const removed = fact('ClientRemoved', { client: 'crm', reason: null });

const configure = (over: Partial<ConfigureClient['data']> = {}): Asked<ConfigureClient> => ({
  type: 'ConfigureClient',
  data: { ...born, ...over },
});
const switchTo = (enabled: boolean, managedBy: 'config' | 'api' = 'config'): Asked<SwitchClient> => ({
  type: 'SwitchClient',
  data: { enabled, managedBy, reason: 'test' },
});
const remove = (over: Partial<RemoveClient['data']> = {}): Asked<RemoveClient> => ({
  type: 'RemoveClient',
  data: { managedBy: 'config', reason: 'test', ...over },
});

describe('a client', () => {
  it('is made known with its settings; of its secret only the HMAC is recorded', () =>
    client.given().when(configure()).then(records('ClientRegistered', born)));

  it('is configured again without anything happening', () =>
    client.given(registered()).when(configure()).then(nothing));

  it('says which settings change, and is a version further', () => {
    const changed = { settings: { ...settings, redirectUris: ['https://crm.acme.example/other'] } };
    client
      .given(registered())
      .when(configure(changed))
      .then(records('ClientChanged', { ...changed, changed: ['redirectUris'] }));
    const { enabled: _on, ...data } = born;
    const after = fact('ClientChanged', { ...data, ...changed, changed: ['redirectUris'] });
    expect(client.given(registered(), after).state).toMatchObject({ version: 2, settings: changed.settings });
  });

  it('is switched off and on, once each', () => {
    client.given(registered()).when(switchTo(false)).then(records('ClientDisabled'));
    client.given(registered(), disabled).when(switchTo(false)).then(nothing);
    client.given(registered(), disabled).when(switchTo(true)).then(records('ClientEnabled'));
  });

  it('is removed for good: its id stays taken', () => {
    client.given(registered()).when(remove()).then(records('ClientRemoved'));
    client.given(registered(), removed).when(configure()).then(refuses('client-id-taken'));
    client.given(registered(), removed).when(remove()).then(refuses('client-not-found'));
    expect(client.given(registered(), removed).state).toMatchObject({ status: 'removed', enabled: false });
  });

  it('is not made a second time by somebody who means a new one', () =>
    client
      .given(registered({ managedBy: 'api' }))
      .when(configure({ managedBy: 'api', asNew: true }))
      .then(refuses('client-id-taken')));

  it('of the file is changed by the file, unless it is detached', () => {
    client
      .given(registered())
      .when(configure({ managedBy: 'api' }))
      .then(refuses('managed-by-config'));
    client.given(registered()).when(switchTo(false, 'api')).then(refuses('managed-by-config'));
    client
      .given(registered())
      .when(remove({ managedBy: 'api' }))
      .then(refuses('managed-by-config'));
    client
      .given(registered())
      .when(configure({ managedBy: 'api', detach: true }))
      .then(records('ClientChanged', { changed: ['managedBy'], managedBy: 'api' }));
  });

  it('is not changed from settings that are no longer its own', () => {
    const api = registered({ managedBy: 'api' });
    const refresh = { settings: { ...settings, refresh: false }, managedBy: 'api' } as const;
    client
      .given(api)
      .when(configure({ ...refresh, ifVersion: 2 }))
      .then(refuses('client-stale'));
    client
      .given(api)
      .when(configure({ ...refresh, ifVersion: 1 }))
      .then(records('ClientChanged'));
    client
      .given(api)
      .when(remove({ managedBy: 'api', ifVersion: 2 }))
      .then(refuses('client-stale'));
  });

  it('stops at a fact that it does not know', () => {
    const [event] = historyOf(registered());
    expect(() => clientDecider.evolve(clientDecider.initialState, { ...event, type: 'Other' } as never)).toThrow(
      'A client cannot fold Other.',
    );
  });
});

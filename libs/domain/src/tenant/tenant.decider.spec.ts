import { deciding, historyOf, nothing, records, sampleTenantSettings, tenantRegistered } from '#libs/testing';
import { tenantDecider } from './tenant.decider.js';

const tenant = deciding(tenantDecider);
const configure = (over = {}) =>
  ({
    type: 'ConfigureTenant',
    data: { tenant: 'acme', settings: { ...sampleTenantSettings, ...over }, reason: null },
  }) as const;

describe('a tenant', () => {
  it('is registered', () =>
    tenant
      .given()
      .when(configure())
      .then(records('TenantRegistered', { tenant: 'acme', settings: sampleTenantSettings })));

  it('is configured again without anything happening, whatever the order of the keys', () => {
    const { max, idle } = sampleTenantSettings.session;
    tenant
      .given(tenantRegistered('acme'))
      .when(configure({ session: { max, idle } }))
      .then(nothing);
  });

  it('says what changes', () =>
    tenant
      .given(tenantRegistered('acme'))
      .when(configure({ timeZone: 'UTC', guard: { maxLossPercent: 5 } }))
      .then(records('TenantChanged', { changed: ['guard', 'timeZone'] })));

  it('stops at a fact that it does not know', () => {
    const [event] = historyOf(tenantRegistered('acme'));
    expect(() => tenantDecider.evolve(tenantDecider.initialState, { ...event, type: 'Other' } as never)).toThrow(
      'A tenant cannot fold Other.',
    );
  });
});

import type { ReportSchedule } from '#libs/contracts';
import {
  deciding,
  type Fact,
  historyOf,
  nothing,
  records,
  sampleTenantSettings,
  tenantRegistered,
} from '#libs/testing';
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

describe('the schedules of reports of a tenant', () => {
  const NOTHING = {
    account: null,
    role: null,
    application: null,
    connection: null,
    directory: null,
    department: null,
    privileged: null,
    review: null,
    policy: null,
  };
  const schedule = (id: string, cron: string, over: object = {}): ReportSchedule => ({
    id,
    kind: 'access',
    schedule: cron,
    period: null,
    formats: ['csv'],
    filter: NOTHING,
    personal: false,
    deliver: { folder: null, webhook: null },
    ...over,
  });
  const changed = (reports: readonly ReportSchedule[], over: object = {}): Fact => ({
    category: 'tenant',
    tenant: 'acme',
    id: 'acme',
    event: () => ({
      type: 'TenantChanged',
      data: {
        tenant: 'acme',
        settings: { ...sampleTenantSettings, reports, ...over },
        changed: ['reports'],
        reason: null,
      },
    }),
  });
  const since = (...facts: readonly Fact[]) => {
    const at = historyOf(tenantRegistered('acme'), ...facts).map(({ recordedAt }) => recordedAt);
    const { state } = tenant.given(tenantRegistered('acme'), ...facts);
    return Object.fromEntries([...state.reportsSince].map(([id, when]) => [id, at.indexOf(when)]));
  };
  const daily = schedule('daily', '0 6 * * *');

  it('count from when they are there', () =>
    expect(since(changed([daily]), changed([daily, schedule('weekly', '0 6 * * 1')]))).toEqual({
      daily: 1,
      weekly: 2,
    }));

  it('count anew from when their times change, and not from any other change', () => {
    expect(since(changed([daily]), changed([schedule('daily', '0 6 * * *', { personal: true })]))).toEqual({
      daily: 1,
    });
    expect(since(changed([daily]), changed([schedule('daily', '0 7 * * *')]))).toEqual({ daily: 2 });
    expect(since(changed([daily]), changed([daily], { timeZone: 'UTC' }))).toEqual({ daily: 2 });
    expect(since(changed([daily]), changed([]), changed([daily]))).toEqual({ daily: 3 });
  });
});

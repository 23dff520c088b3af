import { type Asked, deciding, type Fact, nothing, records, refuses, seededId } from '#libs/testing';
import { type ReportUsage, usageDecider } from './usage.decider.js';

const usage = deciding(usageDecider);
const ada = seededId('ada');
const bo = seededId('bo');
const NOW = '2026-03-02T12:00:00.000Z';
const entry = { account: ada, application: 'crm', role: null, usedAt: '2026-03-01T09:00:00.000Z' };
const report = { usage: seededId('usage'), source: 'crm-gateway', entries: [entry] };
const reported: Fact = {
  category: 'usage',
  tenant: 'acme',
  id: report.usage,
  event: () => ({ type: 'UsageReported', data: report }),
};

describe('a report of usage', () => {
  it('is recorded as it came, once', () => {
    usage
      .given()
      .when(tell([entry]))
      .then(records('UsageReported', report));
    usage
      .given(reported)
      .when(tell([entry]))
      .then(nothing);
  });

  it('is refused as a whole when it names accounts that are not there, and says which entries do', () => {
    usage
      .given()
      .when(tell([entry, { ...entry, account: bo }]))
      .then(refuses('usage-accounts-unknown'));
    expect(() => usage.given().when(tell([entry, { ...entry, account: bo }])).events).toThrow(
      'No such accounts in this tenant: entries.1. Nothing',
    );
  });

  it.each([
    ['2026-03-02T12:05:00.000Z', true],
    ['2026-03-02T12:05:00.001Z', false],
    ['2025-01-26T12:00:00.000Z', true],
    ['2025-01-26T11:59:59.999Z', false],
  ])('takes a use at %s: %s', (usedAt, taken) =>
    usage
      .given()
      .when(tell([{ ...entry, usedAt }]))
      .then(taken ? records('UsageReported') : refuses('usage-time-refused')),
  );

  it('is refused under the name of Gatebook itself', () =>
    usage
      .given()
      .when({ ...tell([entry]), data: { ...tell([entry]).data, source: 'op' } })
      .then(refuses('usage-source-reserved')));

  it('names no more than twenty entries', () => {
    const entries = Array.from({ length: 25 }, () => ({ ...entry, account: bo }));
    expect(() => usage.given().when(tell(entries)).events).toThrow('entries.19 and 5 more');
  });
});

it('the fold of a report stops at a fact that it does not know', () =>
  expect(() => usageDecider.evolve({ reported: false }, { type: 'Other' } as never)).toThrow('cannot fold Other'));

function tell(entries: ReportUsage['data']['entries']): Asked<ReportUsage> {
  return { type: 'ReportUsage', data: { ...report, entries, accounts: new Set([ada]) }, at: NOW };
}

import type { PolicyState } from '#libs/domain';
import { watchTerms } from './watch-terms.js';

/** Goal: for how long something may last is what the strictest policy in force says. */

const policy = (id: string, after: string | null, over: Partial<PolicyState> = {}): PolicyState => ({
  id,
  status: 'present',
  version: 1,
  enabled: true,
  settings: { kind: 'dormant', after, action: 'finding', maxPerRun: 1, owner: null },
  managedBy: 'api',
  since: '2026-03-01T08:00:00.000Z',
  scheduledSince: '2026-03-01T08:00:00.000Z',
  ...over,
});

it.each([
  { name: 'no policy', policies: [], after: 'P90D', named: [] },
  {
    name: 'the shortest of several',
    policies: [policy('long', 'P8W'), policy('short', 'P30D')],
    after: 'P30D',
    named: ['long', 'short'],
  },
  { name: 'none that is switched off', policies: [policy('off', 'P1D', { enabled: false })], after: 'P90D', named: [] },
  { name: 'none without a time', policies: [policy('timeless', null)], after: 'P90D', named: ['timeless'] },
])('goes by $name', ({ policies, after, named }) =>
  expect(watchTerms(policies, 'dormant', 'P90D')).toMatchObject({ after, policies: named }),
);

it('does not mind policies of another kind', () =>
  expect(watchTerms([policy('dormant', 'P1D')], 'orphan', 'P30D')).toMatchObject({
    after: 'P30D',
    afterMs: 2_592_000_000,
  }));

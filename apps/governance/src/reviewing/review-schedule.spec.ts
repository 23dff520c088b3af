/** Which occurrence of a schedule is acted upon: none is lost by an edit, by a clock that ran ahead, or by another policy's failure. */
import type { ReviewPolicy } from '#libs/contracts';
import type { PolicyState } from '#libs/domain';
import type { CommandMetadata } from '#libs/kernel';
import { reviewPolicy } from '../governance-world.fixture.js';
import { Attempts } from './attempts.js';
import { ReviewSchedule } from './review-schedule.js';

const NOW = '2026-03-23T06:30:00.000Z';
const LAST_WEEK = '2026-03-17T08:00:00.000Z';

function policy(id: string, over: Partial<PolicyState> = {}) {
  const settings: ReviewPolicy = reviewPolicy({ schedule: '0 6 * * 1' });
  const since = { since: LAST_WEEK, scheduledSince: LAST_WEEK };
  const state = { id, status: 'present', version: 1, enabled: true, settings, managedBy: 'api', ...since } as const;
  return { tenant: 'acme', ...state, ...over };
}

/** A schedule over some policies, with the instants at which reviews of them were opened. */
function scheduleOf(policies: readonly ReturnType<typeof policy>[], opened: readonly string[] = []) {
  const titles: string[] = [];
  let failures = 0;
  const opening = {
    async open({ title, policy: id }: { readonly title: string; readonly policy: string }) {
      if (id === 'broken') throw new Error('not now');
      titles.push(title);
    },
  };
  const rows = opened.map((at, index) => ({ openedAt: new Date(at), openedPosition: index }));
  const schedule = new ReviewSchedule(
    opening as never,
    { byItself: () => ({}) as CommandMetadata } as never,
    { position: async () => 1 } as never,
    new Attempts({ upkeepFailed: () => (failures += 1) } as never),
    { current: async () => ({ policies: () => policies, tenant: () => null }) } as never,
    { query: async () => ({ rows }) } as never,
    { now: () => new Date(NOW) },
  );
  return { schedule, titles, failures: () => failures };
}

describe('a schedule', () => {
  it('keeps the occurrence that was missed although something else of the policy was edited since', async () => {
    const { schedule, titles } = scheduleOf([policy('weekly', { version: 2, since: '2026-03-23T06:10:00.000Z' })]);
    await schedule.openDue();
    expect(titles).toEqual(['weekly 2026-03-23']);
    expect(await schedule.openDue()).toEqual([]);
  });

  it('does not make up for what came before its times were as they are', async () => {
    const { schedule, titles } = scheduleOf([policy('weekly', { scheduledSince: '2026-03-23T06:10:00.000Z' })]);
    await schedule.openDue();
    expect(titles).toEqual([]);
  });

  it('is not put off by a review that a clock opened which ran ahead', async () => {
    const ahead = scheduleOf([policy('weekly')], ['2026-03-16T06:00:01.000Z', '2027-03-23T06:00:01.000Z']);
    await ahead.schedule.openDue();
    expect(ahead.titles).toEqual(['weekly 2026-03-23']);
    const done = scheduleOf([policy('weekly')], ['2026-03-23T06:00:01.000Z']);
    await done.schedule.openDue();
    expect(done.titles).toEqual([]);
  });

  it('is acted upon although that of another policy cannot be', async () => {
    const { schedule, titles, failures } = scheduleOf([policy('broken'), policy('weekly')]);
    await schedule.openDue();
    expect(titles).toEqual(['weekly 2026-03-23']);
    expect(failures()).toBe(1);
  });
});

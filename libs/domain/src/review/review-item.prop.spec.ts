/**
 * Random lives of one review item: people and the system ask for anything at any time, two at once, and commands come again whose answer was
 * lost. Everything goes through the write path, as in production. Then the promises of an item are checked on what is on record.
 */
import fc from 'fast-check';
import type { ReviewItemEvent } from '#libs/contracts';
import { decideAndAppend, type WritePath } from '#libs/event-store';
import { DomainError, fold, type RecordedEvent } from '#libs/kernel';
import { arrayEventStore, clearCodec, metadataOf } from '#libs/testing';
import type { DecisionFacts, ReviewItemCommand } from './review-item.commands.js';
import { reviewItemDecider } from './review-item.decider.js';
import {
  ADA,
  AFTER,
  asItWas,
  BEFORE,
  BO,
  CAUSE,
  CY,
  DEE,
  decide,
  ENDS,
  ITEM,
  OLGA,
  passOn,
  question,
  STAGE_ENDS,
} from './review-item.fixture.js';
import { NO_ITEM, type ReviewItemState } from './review-item.state.js';

const STREAM = `reviewItem-acme+${ITEM}`;
const HOUR_MS = 3_600_000;
type Recorded = RecordedEvent & ReviewItemEvent;
type Body = ReviewItemCommand extends infer C
  ? C extends ReviewItemCommand
    ? Pick<C, 'type' | 'data'>
    : never
  : never;
/** What somebody asks who has seen this. */
type Ask = (seen: ReviewItemState) => Body;
interface SystemFacts {
  readonly late: boolean;
  readonly yes: boolean;
  readonly whom: string[];
  readonly facts: Pick<DecisionFacts, 'grantOpen' | 'fingerprint'>;
}
/** What is asked, given what whoever asks has seen of the item; how many hours after the step before. */
interface Step {
  readonly asks: readonly Ask[];
  readonly again: number | null;
  readonly hours: number;
}

const someone = fc.constantFrom(OLGA, BO, CY, DEE, ADA);
const people = fc.uniqueArray(someone, { maxLength: 3 });
const stage = (seen: ReviewItemState, late: boolean) => (late ? 0 : seen.stage);
const grant = fc.record({
  grantOpen: fc.nat(9).map((n) => n > 0),
  fingerprint: fc.constantFrom(BEFORE, BEFORE, AFTER),
});
const assignmentOf = (reviewers: string[]) => ({ reviewers, reviewersAs: 'fallback' as const, flags: [] });

const decision = fc
  .record({
    by: someone,
    what: fc.constantFrom('certify', 'certify', 'revoke', 'reduce', 'abstain'),
    late: fc.boolean(),
    selfReview: fc.boolean(),
    grant,
    next: people,
  })
  .map(
    ({ by, what, late, selfReview, grant: facts, next }) =>
      (seen: ReviewItemState): Body =>
        decide(what as 'certify', {
          by,
          stage: stage(seen, late),
          until: what === 'reduce' ? '2027-01-01T00:00:00.000Z' : null,
          terms: { selfReview, reasons: [] },
          facts: { ...asItWas, ...facts, endedBy: CAUSE },
          next: { ...assignmentOf(next), stageDueAt: ENDS },
          fallback: assignmentOf(next),
        }),
  );
const passing = fc
  .record({ by: someone, to: someone, how: fc.constantFrom('reassign' as const, 'delegate' as const), grant })
  .map(
    ({ by, to, how, grant: facts }) =>
      (seen: ReviewItemState): Body =>
        passOn(how, to, { by, stage: seen.stage, facts: { ...asItWas, ...facts } }),
  );
/** What the system may ask, right or wrong, in time or late. */
function bySystem({ late, yes, whom, facts }: SystemFacts): readonly Ask[] {
  const said = { ...asItWas, ...facts };
  return [
    () => ({
      type: 'OpenItem',
      data: { ...question, stages: 2, stageDueAt: STAGE_ENDS, carriedForward: yes ? CAUSE : null },
    }),
    (seen) => ({
      type: 'AssignItem',
      data: {
        why: yes ? 'escalated' : 'reviewer-gone',
        stage: stage(seen, late),
        assignment: assignmentOf(whom),
        reason: null,
      },
    }),
    (seen) => ({ type: 'RemindItem', data: { stage: stage(seen, late), due: seen.stageDueAt } }),
    (seen) => ({
      type: 'ExpireItem',
      data: { stage: stage(seen, late), outcome: yes ? 'revoke' : 'keep', delivered: !late, facts: said, reason: null },
    }),
    () => ({ type: 'ConfirmItemEffect', data: { because: CAUSE, effectiveAt: ENDS } }),
    () => ({ type: 'CloseItemAsMoot', data: { because: CAUSE, accountEnded: yes && late } }),
    () => ({
      type: 'ReopenItem',
      data: {
        changed: ['department'],
        event: CAUSE,
        fingerprint: facts.fingerprint,
        assignment: assignmentOf([OLGA, ...whom]),
        stageDueAt: STAGE_ENDS,
        dueAt: ENDS,
      },
    }),
  ];
}

const system: fc.Arbitrary<Ask> = fc
  .record({ late: fc.boolean(), yes: fc.boolean(), whom: people, facts: grant })
  .chain((facts) => fc.constantFrom(...bySystem(facts)));
const ask: fc.Arbitrary<Ask> = fc.oneof(
  { weight: 5, arbitrary: decision },
  { weight: 1, arbitrary: passing },
  { weight: 4, arbitrary: system },
);
const step: fc.Arbitrary<Step> = fc.record({
  asks: fc.array(ask, { minLength: 1, maxLength: 2 }),
  again: fc.option(fc.nat(50), { freq: 3 }),
  hours: fc.nat(40),
});
const life = fc.array(step, { minLength: 1, maxLength: 25 });

/** Lives a life: everything that was asked, and what is on record in the end. */
async function live(steps: readonly Step[]) {
  let now = Date.parse('2026-03-02T08:00:00.000Z');
  const log = arrayEventStore();
  const path: WritePath = { store: log, codec: clearCodec, clock: { now: () => new Date(now) } };
  const given: ReviewItemCommand[] = [];
  const states: ReviewItemState[] = [];
  const recorded = () => log.log.map((event) => ({ ...event, tenant: 'acme' })) as unknown as Recorded[];
  const give = async (command: ReviewItemCommand) => {
    try {
      states.push((await decideAndAppend(path, STREAM, reviewItemDecider, command)).state);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  };
  const opening = { ...question, stages: 2, stageDueAt: STAGE_ENDS, carriedForward: null };
  for (const { asks, again, hours } of [
    { asks: [(): Body => ({ type: 'OpenItem', data: opening })], again: null, hours: 0 },
    ...steps,
  ]) {
    now += hours * HOUR_MS;
    const seen = fold(reviewItemDecider, recorded());
    const commands = asks.map((body, index) => {
      const metadata = metadataOf(`${given.length + index}`, 'acme', new Date(now).toISOString());
      return { ...body(seen), metadata } as ReviewItemCommand;
    });
    given.push(...commands);
    const repeated = again === null ? undefined : given[again % given.length];
    await Promise.all([...commands, ...(repeated ? [repeated] : [])].map(give));
  }
  return { events: recorded(), given, states, give, recorded };
}

/** Between one putting of the question and the next. */
function rounds(events: readonly Recorded[]): Recorded[][] {
  const all: Recorded[][] = [];
  for (const event of events) {
    if (event.type === 'ReviewItemOpened' || event.type === 'ReviewItemReopened') all.push([]);
    all.at(-1)?.push(event);
  }
  return all;
}

const decisions = (events: readonly Recorded[]) =>
  events.flatMap((event) => (event.type === 'ReviewDecisionRecorded' ? [event.data] : []));
const closings = (events: readonly Recorded[]) =>
  events.flatMap((event) => (event.type === 'ReviewItemClosed' ? [event.data] : []));

function checked(check: (lived: Awaited<ReturnType<typeof live>>) => void | Promise<void>): Promise<void> {
  return fc.assert(
    fc.asyncProperty(life, async (steps) => check(await live(steps))),
    { numRuns: 200 },
  );
}

describe('whatever happens to a review item', () => {
  it('every answer is a fold of what is on record, and repeating everything changes nothing', () =>
    checked(async ({ events, given, states, give, recorded }) => {
      const folds = [NO_ITEM];
      for (const event of events) folds.push(reviewItemDecider.evolve(folds.at(-1) as ReviewItemState, event));
      for (const state of states) expect(folds).toContainEqual(state);
      for (const command of given.filter(({ metadata }) =>
        events.some((event) => event.metadata.commandId === metadata.commandId),
      ))
        await give(command);
      expect(recorded()).toEqual(events);
    }));

  it('the question is put once, and each putting ends at most once, with nothing after it', () =>
    checked(({ events }) => {
      expect(events.filter(({ type }) => type === 'ReviewItemOpened')).toHaveLength(1);
      for (const round of rounds(events)) {
        const end = round.findIndex(({ type }) => type === 'ReviewItemClosed');
        expect(end === -1 ? [] : round.slice(end + 1)).toEqual([]);
      }
    }));

  it('certified is what every stage certified, each the same', () =>
    checked(({ events }) => {
      for (const round of rounds(events)) {
        const certified = decisions(round).filter(({ decision: what }) => what === 'certify');
        expect(certified.map(({ stage: at }) => at)).toEqual([0, 1].slice(0, certified.length));
        const ended = closings(round).some(({ outcome }) => outcome === 'certified');
        expect(ended).toBe(certified.length === 2);
        expect(new Set(certified.map(({ fingerprint }) => fingerprint)).size).toBe(certified.length > 0 ? 1 : 0);
      }
    }));

  it('a decision to revoke or reduce stands: it takes effect, or there is no account any more', () =>
    checked(({ events }) => {
      for (const [index, event] of events.entries()) {
        if (event.type !== 'ReviewDecisionRecorded' || !['revoke', 'reduce'].includes(event.data.decision)) continue;
        const after = events.slice(index + 1);
        expect(after.length).toBeLessThanOrEqual(1);
        const expected = event.data.decision === 'revoke' ? 'revoked' : 'reduced';
        for (const { outcome } of closings(after)) expect([expected, 'moot']).toContain(outcome);
      }
    }));

  it('only those who were asked decide, never about their own, and silence takes nothing of which nobody was reminded', () =>
    checked(({ events }) => {
      for (const [index, event] of events.entries()) {
        if (event.type !== 'ReviewDecisionRecorded') continue;
        const before = fold(reviewItemDecider, events.slice(0, index));
        const { by, decision: what, flags } = event.data;
        if (by === null) expect(before.remindedAt).not.toBeNull();
        else expect(before.reviewers).toContain(by);
        if (by === ADA && what !== 'abstain') expect(flags).toContain('ownGrant');
      }
    }));

  it('these lives are not all alike: every outcome comes about', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(life, async (steps) => {
        for (const { outcome } of closings((await live(steps)).events)) seen.add(outcome);
      }),
      { numRuns: 400, seed: 6 },
    );
    expect([...seen].sort()).toEqual(['certified', 'expired', 'moot', 'reduced', 'revoked']);
  });
});

it('of two reviewers at once one decides, and the other is told', async () => {
  const clock = { now: () => new Date('2026-03-02T08:00:00.000Z') };
  const path: WritePath = { store: arrayEventStore(), codec: clearCodec, clock };
  const give = (seed: string, body: Body) =>
    decideAndAppend(path, STREAM, reviewItemDecider, {
      ...body,
      metadata: metadataOf(seed, 'acme', clock.now().toISOString()),
    } as ReviewItemCommand);
  await give('open', { type: 'OpenItem', data: { ...question, carriedForward: null } });
  const both = await Promise.allSettled([
    give('olga', decide('revoke', { by: OLGA })),
    give('bo', decide('certify', { by: BO })),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = both.find((each) => each.status === 'rejected');
  expect(refused).toMatchObject({ reason: { code: 'review-item-closed', kind: 'conflict' } });
});

import type { UsageReported } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import { countEvents } from '../../events/event-places.queries.js';
import { eventsOf } from '../../events/event-walk.js';
import { END_OF_TIME } from '../../instants.js';
import type { Question } from '../../question.js';
import type { Population, ReportSource } from '../../report-kind.js';
import { countKnownApplicationSignIns, countKnownUses, type ToldUse } from './uses-known.queries.js';

/** Reconciles the sign-ins to applications with those that reports look up as uses: where one is lost, an older one would look like the last. */
export async function applicationSignInPopulation({ database }: ReportSource, question: Question): Promise<Population> {
  const { tenant, asOf: to, knownAt } = question;
  const asked = { tenant, types: ['ApplicationSignedIn'], from: null, to, knownAt };
  const recorded = await countEvents(database, asked);
  const listed = await countKnownApplicationSignIns(database, question);
  return { of: 'sign-ins to applications', recorded, listed, excluded: {} };
}

/** Events of one page: each may tell of 1,000 uses. */
const EVENTS_PER_PAGE = 20;

/**
 * Reconciles the uses that sources told of with those that reports look up. Each such event is read, since the index of the log does not say
 * of how many it tells: this takes time in proportion to all that was ever reported, in short statements, 20 events in memory at a time.
 */
export async function usePopulation(source: ReportSource, question: Question): Promise<Population> {
  const { tenant, knownAt } = question;
  const asked = { tenant, types: ['UsageReported'], from: null, to: END_OF_TIME, knownAt };
  const walk = { ...asked, after: -1, personal: false, perPage: EVENTS_PER_PAGE };
  let [recorded, listed] = [0, 0];
  for await (const { events } of eventsOf(source, walk)) {
    for (const { position, data } of events as readonly (SealedEvent & UsageReported)[]) {
      const uses = distinct(data.entries);
      recorded += uses.length;
      listed += await countKnownUses(source.database, question, position, uses);
    }
  }
  return { of: 'uses that sources told of', recorded, listed, excluded: {} };
}

/** One event may name the same use several times, of which the latest is kept. */
const distinct = (uses: readonly ToldUse[]): readonly ToldUse[] => [
  ...new Map(
    uses.map((use) => [JSON.stringify([use.account, use.application, use.role ?? '']), use] as const),
  ).values(),
];

import { countEvents } from '../events/event-places.queries.js';
import type { Question } from '../question.js';
import type { Population, ReportSource } from '../report-kind.js';
import { countKnownSignIns } from './sign-ins-known.queries.js';

/**
 * Reconciles the sign-ins that reports look up with those of the log: where one is lost, an older one would look like the last. Sign-ins that
 * were taken back are among both.
 */
export async function signInPopulation({ database }: ReportSource, question: Question): Promise<Population> {
  const { tenant, asOf: to, knownAt } = question;
  const recorded = await countEvents(database, { tenant, types: ['SignedIn'], from: null, to, knownAt });
  return { of: 'sign-ins', recorded, listed: await countKnownSignIns(database, question), excluded: {} };
}

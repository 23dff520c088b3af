import { tallyGrants } from '#libs/read-model';
import { countEvents } from '../events/event-places.queries.js';
import { END_OF_TIME } from '../instants.js';
import type { Question } from '../question.js';
import type { Population, ReportSource } from '../report-kind.js';
import { countWholeGrants } from './grant-histories.queries.js';

/** Reconciles the grants that reports look up with the log's own tally, and the tally with the log, of which both may have lost the same. */
export const grantPopulation = async (source: ReportSource, question: Question): Promise<readonly Population[]> => [
  await historyPopulation(source, question),
  await tallyPopulation(source, question),
];

/**
 * Reconciles grants, of whatever role and as of whatever moment, with the log's own tally: one that is lost, or of which one version is, would
 * be held by nobody, or for too long.
 */
export async function historyPopulation(
  { database }: ReportSource,
  { tenant, knownAt, filter: { account } }: Question,
): Promise<Population> {
  const { grants: recorded } = await tallyGrants(database, { tenant, knownAt, account });
  const listed = await countWholeGrants(database, { tenant, knownAt, account });
  return { of: 'grants with their histories', recorded, listed, excluded: {} };
}

/** Reconciles the tally of grants, of whatever role, with the events of the log that give and end them. */
export async function tallyPopulation(
  { database }: ReportSource,
  { tenant, knownAt, filter: { account } }: Question,
): Promise<Population> {
  const types = ['RolesAssigned', 'AccessRevoked'];
  const recorded = await countEvents(database, { tenant, types, from: null, to: END_OF_TIME, knownAt, account });
  const { events: listed } = await tallyGrants(database, { tenant, knownAt, account });
  return { of: 'events that gave or ended grants', recorded, listed, excluded: {} };
}

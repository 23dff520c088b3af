import { countEvents } from '../events/event-places.queries.js';
import type { Question } from '../question.js';
import type { Population, ReportSource } from '../report-kind.js';
import { ACCOUNT_TURNS, countKnownTurns } from './account-turns.queries.js';

/**
 * Reconciles what made an account count, or no longer, with the log: where such a turn is lost together with all that followed it, nothing
 * in the history of the account shows it. That a profile changed cannot be counted so, since not every change of one is kept there.
 */
export async function accountPopulation({ database }: ReportSource, question: Question): Promise<Population> {
  const { tenant, asOf: to, knownAt } = question;
  const recorded = await countEvents(database, { tenant, types: ACCOUNT_TURNS, from: null, to, knownAt });
  const listed = await countKnownTurns(database, question);
  return { of: 'makings, deactivations and reactivations of accounts', recorded, listed, excluded: {} };
}

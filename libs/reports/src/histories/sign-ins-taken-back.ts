import type { SignInRefused } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import { readBodies } from '../events/read-bodies.js';
import type { Question } from '../question.js';
import type { ReportSource } from '../report-kind.js';
import { refusalsAfter } from './sign-ins-known.queries.js';

/**
 * Accounts whose last sign-in was turned away by the account itself, although the read model lets it count: that it was taken back has been
 * lost there.
 * @param signIns when accounts last signed in, at most 250
 */
export async function takenBackUnseen(
  source: ReportSource,
  question: Question,
  signIns: ReadonlyMap<string, Date>,
): Promise<ReadonlySet<string>> {
  const refusals = await refusalsAfter(source.database, question, signIns);
  const events = (await readBodies(source, refusals, false)) as readonly (SealedEvent & SignInRefused)[];
  const takenBack = new Map(events.map(({ id, data }) => [id, data.evidence]));
  return new Set(refusals.flatMap((one) => (takenBack.get(one.event_id) === one.signIn ? [one.account] : [])));
}

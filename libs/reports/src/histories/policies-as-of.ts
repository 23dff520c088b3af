import { type PolicyState, policyDecider } from '#libs/domain';
import { fold } from '#libs/kernel';
import type { Question } from '../question.js';
import type { ReportSource } from '../report-kind.js';
import { findOpenings, type Opening } from './openings.queries.js';
import { happenedBy, readHistories } from './read-histories.js';

/** Policies that are read at once. */
const POLICIES_AT_ONCE = 200;

/** The policies of a tenant as they stood at the end of the question, removed ones left out, by id. Their number is what people wrote. */
export async function policiesAsOf(source: ReportSource, question: Question): Promise<PolicyState[]> {
  const policies: PolicyState[] = [];
  for (let after = -1, more = true; more; ) {
    const page: Opening[] = await findOpenings(
      source.database,
      question,
      { type: 'PolicyDefined', beginsStream: true },
      { after, limit: POLICIES_AT_ONCE },
    );
    const histories = await readHistories(
      source,
      question,
      page.map(({ stream }) => stream),
    );
    for (const events of histories.values()) policies.push(fold(policyDecider, happenedBy(events, question.asOf)));
    after = page.at(-1)?.position ?? after;
    more = page.length === POLICIES_AT_ONCE;
  }
  return policies.filter(({ status }) => status === 'present').sort((a, b) => (a.id < b.id ? -1 : 1));
}

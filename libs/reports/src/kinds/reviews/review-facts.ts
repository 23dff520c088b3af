import type { AccessReviewClosed, AccessReviewOpened, AccessReviewSignedOff } from '#libs/contracts';
import { type SealedEvent, streamName } from '#libs/kernel';
import { happenedBy, readHistories } from '../../histories/read-histories.js';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';

/** What is said of a review beside its items. */
export interface ReviewFacts extends Pick<AccessReviewOpened['data'], 'title' | 'policyVersion'> {
  /** The control that it is evidence for. */
  readonly control: string | null;
  readonly closedAs: AccessReviewClosed['data']['code'] | null;
  readonly signedOffBy: string | null;
  readonly signedOffAt: string | null;
}

/** Reviews as they stood at the end of the question, by id; those that the log does not have are left out. */
export async function readReviews(
  source: ReportSource,
  question: Question,
  reviews: readonly string[],
): Promise<ReadonlyMap<string, ReviewFacts>> {
  const streamOf = (id: string) => streamName({ category: 'accessReview', tenant: question.tenant, id });
  const histories = await readHistories(source, question, reviews.map(streamOf));
  const found = new Map<string, ReviewFacts>();
  for (const review of new Set(reviews)) {
    const facts = factsIn(happenedBy(histories.get(streamOf(review)) ?? [], question.asOf));
    if (facts) found.set(review, facts);
  }
  return found;
}

function factsIn(events: readonly SealedEvent[]): ReviewFacts | null {
  const dataOf = <E extends { readonly type: string; readonly data: object }>(type: E['type']) =>
    events.findLast((event) => event.type === type) as (SealedEvent & E) | undefined;
  const opened = dataOf<AccessReviewOpened>('AccessReviewOpened');
  if (!opened) return null;
  const signedOff = dataOf<AccessReviewSignedOff>('AccessReviewSignedOff');
  return {
    title: opened.data.title,
    policyVersion: opened.data.policyVersion,
    control: opened.data.terms.control,
    closedAs: dataOf<AccessReviewClosed>('AccessReviewClosed')?.data.code ?? null,
    signedOffBy: signedOff?.data.by ?? null,
    signedOffAt: signedOff?.recordedAt ?? null,
  };
}

/** Whoever decides under another account of theirs decides about themselves: known as soon as the accounts are known to be of one person. */
import {
  ada,
  aReview,
  at,
  bo,
  byHand,
  elevationApproved,
  elevationRequested,
  historyOf,
  itemDecided,
  itemOf,
  itemOpened,
  merged,
  olga,
  onEveryDatabase,
  person,
  provisioned,
  reviewOpened,
  roleDefined,
} from '#libs/testing';
import { askedOf, markingReader, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import type { Question } from '../../question.js';
import { elevationsReport } from '../elevations/elevations.report.js';
import { reviewsReport } from './reviews.report.js';

const [second, third] = [person('Adele', 'Second'), person('Adina', 'Third')];
const review = aReview('quarterly');
const ofAda = itemOf(review, ada, 'crm.reader');
const givenByAda = itemOf(review, bo, 'crm.reader');
const ofBo = itemOf(review, bo, 'crm.admin');
const LATER = '2026-05-01T08:00:00.000Z';

const history = historyOf(
  ...[ada, second, third, bo, olga].map((who) => provisioned(who)),
  ...['crm.reader', 'crm.admin', 'prod.admin'].map((role) => roleDefined(role)),
  reviewOpened(review),
  itemOpened(ofAda, [second]),
  itemOpened(givenByAda, [second], { source: byHand(ada) }),
  itemOpened(ofBo, [second], { source: byHand(olga) }),
  ...[ofAda, givenByAda, ofBo].map((item) => itemDecided(item, 'certify', second)),
  elevationRequested(ada, 'stuck', [second]),
  elevationApproved(ada, 'stuck', second),
  elevationRequested(bo, 'slow', [second]),
  elevationApproved(bo, 'slow', second),
  at(LATER, merged(second, third)),
  merged(third, ada),
);
const LAST = history.length - 1;

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));
  const flags = async (over: Partial<Question> = {}) => {
    const question = askedOf(history, over);
    const reviews = await reportOf(reviewsReport, told.source, question);
    const elevations = await reportOf(elevationsReport, told.source, question);
    return {
      rows: reviews.rows.map(({ selfReview, reviewerIsGrantor }) => [selfReview, reviewerIsGrantor]),
      counted: [
        reviews.counts['flag.selfReview'],
        reviews.counts['flag.reviewerIsGrantor'],
        elevations.counts['flag.approvedForThemselves'],
      ],
    };
  };
  const SEEN = {
    rows: [
      [true, false],
      [false, true],
      [false, false],
    ],
    counted: [1, 1, 1],
  };

  it('sees through every merge on the way, and flags nobody else', async () => expect(await flags()).toEqual(SEEN));

  it('does so for a day before the merge as well: nobody becomes the same person by it', async () =>
    expect(await flags({ asOf: '2026-04-01T08:00:00.000Z' })).toEqual(SEEN));

  it('cannot as long as the last of them is not known', async () =>
    expect(await flags({ knownAt: LAST - 1 })).toEqual({
      rows: Array(3).fill([false, false]),
      counted: [undefined, undefined, undefined],
    }));
});

import * as fc from 'fast-check';
import type { SealedEvent } from '#libs/kernel';
import { provisioned } from './account.facts.js';
import { Chronicle } from './chronicle.js';
import type { Fact } from './facts.js';
import {
  applicationSignedIn,
  changeApplied,
  changeApproved,
  changeHeld,
  changeRefused,
  elevationApproved,
  elevationEnded,
  elevationExtended,
  elevationRefused,
  elevationRequested,
  emergencyChange,
  exceptionEnded,
  exceptionGranted,
  findingAccepted,
  findingActedUpon,
  findingAssigned,
  findingRaised,
  findingResolved,
  usageReported,
  violationDetected,
  withoutGroups,
} from './governance.facts.js';
import { type Person, person } from './people.js';
import {
  aReview,
  itemAssigned,
  itemClosed,
  itemDecided,
  itemOf,
  itemOpened,
  itemReminded,
  itemReopened,
  reviewClosed,
  reviewHeld,
  reviewOpened,
  reviewPopulated,
  reviewSignedOff,
} from './review.facts.js';
import { signedIn } from './sign-in.facts.js';

const PEOPLE = [person('Ines', 'Duarte'), person('Kofi', 'Mensah'), person('Mira', 'Novak')] as const;
const FAR = '2027-01-01T00:00:00.000Z';
const DAYS = ['2026-02-27', '2026-02-28'] as const;

/** One thing of a kind, and what may happen to it after it began. */
interface Course {
  readonly begins: (name: string, person: Person) => Fact[];
  readonly goesOn: readonly ((name: string, person: Person, other: Person, nth: number) => Fact[])[];
}

const COURSES: readonly Course[] = [
  {
    begins: (name) => [reviewOpened(aReview(name))],
    goesOn: [
      (name) => [reviewPopulated(aReview(name), { items: 3 })],
      (name) => [reviewHeld(aReview(name))],
      (name) => [reviewClosed(aReview(name), { outcomes: { certified: 3 } })],
      (name, _person, other) => [reviewSignedOff(aReview(name), other)],
    ],
  },
  {
    begins: (name, person) => [itemOpened(itemIn(name, person), [PEOPLE[0], PEOPLE[2]], { stages: 2 })],
    goesOn: [
      (name, person, other) => [itemAssigned(itemIn(name, person), [other])],
      (name, person, other) => [itemAssigned(itemIn(name, person), [other], { stage: 1, why: 'next-stage' })],
      (name, person, other) => [itemAssigned(itemIn(name, person), [other], { why: 'escalated' })],
      (name, person) => [itemReminded(itemIn(name, person))],
      (name, person, other, nth) => [itemDecided(itemIn(name, person), 'certify', other, { nth })],
      (name, person, other, nth) => [itemDecided(itemIn(name, person), 'revoke', other, { nth })],
      (name, person, other, nth) => [itemDecided(itemIn(name, person), 'reassign', other, { nth })],
      (name, person) => [itemClosed(itemIn(name, person), 'certified')],
      (name, person) => [itemReopened(itemIn(name, person))],
    ],
  },
  {
    begins: (name, person) => [elevationRequested(person, name, [PEOPLE[1]])],
    goesOn: [
      (name, person, other) => [elevationApproved(person, name, other, { complete: false, grant: null })],
      (name, person, other) => [elevationApproved(person, name, other)],
      (name, person, other) => [elevationRefused(person, name, other)],
      (name, person, other, nth) => [elevationExtended(person, name, other, FAR, nth)],
      (name, person) => [elevationEnded(person, name)],
    ],
  },
  {
    begins: (name, person) => [findingRaised(name, person)],
    goesOn: [
      (name, person) => [findingRaised(name, person)],
      (name, person) => [violationDetected(name, person, ['pay.create', 'pay.approve'])],
      (name, _person, other) => [findingAssigned(name, other)],
      (name, _person, other) => [findingAccepted(name, other, FAR)],
      (name) => [findingActedUpon(name, aReview(name).review)],
      (name) => [findingResolved(name)],
    ],
  },
  {
    begins: (name, person) => [exceptionGranted(person, name, FAR)],
    goesOn: [(name, person) => [exceptionEnded(person, name)]],
  },
  {
    begins: (name) => [changeHeld(name)],
    goesOn: [
      (name) => [changeApproved(name, { complete: false })],
      (name) => [changeApproved(name)],
      (name) => [changeApplied(name)],
      (name) => [changeRefused(name)],
    ],
  },
  {
    begins: (name, person) => [emergencyChange(`emergency ${name} ${person.account}`)],
    goesOn: [
      (_name, person, _other, nth) => [applicationSignedIn(person, 'crm', nth)],
      (_name, person, _other, nth) => [signedIn(person, 'okta', { nth })],
      (_name, person, _other, nth) => [withoutGroups(signedIn(person, 'okta', { nth }))],
      (name, person, other, nth) => [
        usageReported(`${name} ${nth}`, 'crm-log', [
          { account: person.account, application: 'crm', role: null, usedAt: `${DAYS[nth % 2]}T12:00:00.000Z` },
          { account: other.account, application: 'crm', role: 'crm.admin', usedAt: `${DAYS[0]}T09:00:00.000Z` },
        ]),
      ],
    ],
  },
];

const itemIn = (name: string, person: Person) => itemOf(aReview(name), person, 'crm.reader');

/** One thing that may happen: which course, of which name and person, and how it goes on. */
const turn = fc.record({
  course: fc.nat(COURSES.length - 1),
  name: fc.constantFrom('spring', 'autumn'),
  who: fc.nat(PEOPLE.length - 1),
  other: fc.nat(PEOPLE.length - 1),
  next: fc.nat(20),
});

/**
 * Random histories of reviews, elevations, findings, exceptions, held changes and use, of three people of the tenant acme. What a thing
 * allows at a point is not looked at, only that it began: who follows the log has to take whatever it says.
 */
export const randomGovernance: fc.Arbitrary<SealedEvent[]> = fc
  .array(turn, { minLength: 1, maxLength: 40 })
  .map((turns) => {
    const chronicle = new Chronicle();
    const begun = new Set<string>();
    chronicle.record(...PEOPLE.map((each) => provisioned(each)));
    for (const [index, { course, name, who, other, next }] of turns.entries()) {
      const { begins, goesOn } = COURSES[course] as Course;
      const subject = PEOPLE[who] as Person;
      const [first] = begins(name, subject) as [Fact];
      const thing = `${first.category} ${first.id}`;
      const goes = goesOn[next % goesOn.length] as Course['goesOn'][number];
      chronicle.record(
        ...(begun.has(thing) ? goes(name, subject, PEOPLE[other] as Person, index + 1) : begins(name, subject)),
      );
      begun.add(thing);
    }
    return chronicle.events;
  });

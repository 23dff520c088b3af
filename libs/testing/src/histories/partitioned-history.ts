import { partitionOf, type SealedStoredEvent } from '#libs/bus';
import { assigned, profileUpdated, provisioned } from './account.facts.js';
import { historyOf } from './chronicle.js';
import { roleDefined } from './configuration.facts.js';
import { ada, bo, type Person, person } from './people.js';
import { signedIn, signInRefused } from './sign-in.facts.js';
import { storedInClear } from './stored-in-clear.js';

const accountStream = ({ tenant, account }: Person) => `account-${tenant}+${account}`;

/** The partition of Ada's account. */
export const adasPartition = partitionOf(accountStream(ada));

/** Somebody whose account is in another partition than Ada's. */
export const cy = ['Cy', 'Cyd', 'Cyra', 'Cyril']
  .map((name) => person(name, 'Novak'))
  .find((someone) => partitionOf(accountStream(someone)) !== adasPartition) as Person;

/** A short history in several partitions, as stored. Positions 3 and 4 are a sign-in of Ada's and its withdrawal. */
export const partitionedHistory: readonly SealedStoredEvent[] = storedInClear(
  historyOf(
    roleDefined('crm.reader'),
    provisioned(ada),
    provisioned(bo),
    signedIn(ada, 'okta', { nth: 1 }),
    signInRefused(ada, 'account-deactivated', { nth: 1 }),
    profileUpdated(ada, { title: 'Engineer' }),
    assigned(ada, 'crm.reader'),
    provisioned(cy),
    profileUpdated(bo, { title: 'Accountant' }),
    profileUpdated(cy, { title: 'Painter' }),
    profileUpdated(ada, { title: 'Professor' }),
  ),
);

/** What a history tells of Ada's account. */
export const ofAda = (events: readonly SealedStoredEvent[]): SealedStoredEvent[] =>
  events.filter(({ stream }) => stream === accountStream(ada));

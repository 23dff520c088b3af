import type {
  ApplicationSignedIn,
  ChangeHeld,
  ElevationApproved,
  ElevationEnded,
  ElevationRequested,
  EmergencyChangeRecorded,
  FindingEvent,
  FindingRaised,
  FindingResolved,
  HeldChangeEvent,
  SignedIn,
  SodExceptionGranted,
  UsageReported,
} from '#libs/contracts';
import type { Fact } from './facts.js';
import type { Person } from './people.js';
import { seededId } from './seeded-id.js';

const onElevation = (person: Person, word: string, event: Fact['event']): Fact => ({
  category: 'elevation',
  tenant: person.tenant,
  id: elevationId(person, word),
  event,
});

/** Somebody's elevation, told apart from others by a word. */
export const elevationId = (person: Person, word: string): string => seededId('elevation', person.account, word);

/** A person asks for a role for an hour; these may approve. */
export const elevationRequested = (
  person: Person,
  word: string,
  approvers: readonly Person[],
  over: Partial<ElevationRequested['data']> = {},
): Fact =>
  onElevation(person, word, (at) => ({
    type: 'ElevationRequested',
    data: {
      elevation: elevationId(person, word),
      account: person.account,
      role: 'prod.admin',
      policy: 'elevate-prod',
      policyVersion: 1,
      durationMs: HOUR_MS,
      requestedBy: person.account,
      via: 'session',
      filedBy: `account:${person.account}`,
      approvers: approvers.map(({ account }) => account),
      approvalsNeeded: 1,
      breakGlass: false,
      validUntil: after(at, 24 * HOUR_MS),
      reason: 'the queue is stuck',
      ...over,
    },
  }));

/** An elevation is approved and begins for an hour, unless said otherwise. */
export const elevationApproved = (
  person: Person,
  word: string,
  approver: Person | null,
  over: Partial<ElevationApproved['data']> = {},
): Fact =>
  onElevation(person, word, (at) => ({
    type: 'ElevationApproved',
    data: {
      elevation: elevationId(person, word),
      account: person.account,
      by: approver?.account ?? null,
      via: approver ? 'session' : 'system',
      apiKey: null,
      complete: true,
      grant: grantOfElevation(person, word),
      effectiveAt: at,
      until: after(at, HOUR_MS),
      reason: null,
      ...over,
    },
  }));

/** The n-th grant of an elevation. */
export const grantOfElevation = (person: Person, word: string, nth = 1): string =>
  seededId('elevation grant', person.account, word, nth);

/** An elevation is refused. */
export const elevationRefused = (person: Person, word: string, by: Person): Fact =>
  onElevation(person, word, () => ({
    type: 'ElevationRefused',
    data: {
      elevation: elevationId(person, word),
      account: person.account,
      by: by.account,
      via: 'session',
      apiKey: null,
      code: 'refused',
      reason: null,
    },
  }));

/** An elevation goes on until an instant, by its n-th grant. */
export const elevationExtended = (person: Person, word: string, by: Person, until: string, nth = 2): Fact =>
  onElevation(person, word, () => ({
    type: 'ElevationExtended',
    data: {
      elevation: elevationId(person, word),
      account: person.account,
      grant: grantOfElevation(person, word, nth),
      until,
      by: by.account,
      via: 'session',
      apiKey: null,
      reason: 'not done yet',
    },
  }));

/** An elevation is over. */
export const elevationEnded = (person: Person, word: string, over: Partial<ElevationEnded['data']> = {}): Fact =>
  onElevation(person, word, (at) => ({
    type: 'ElevationEnded',
    data: {
      elevation: elevationId(person, word),
      account: person.account,
      grant: grantOfElevation(person, word),
      effectiveAt: at,
      code: 'time-over',
      by: null,
      via: 'system',
      apiKey: null,
      reason: null,
      ...over,
    },
  }));

/** A finding, told apart from others of the tenant by a word. */
export const findingId = (word: string, tenant = 'acme'): string => seededId('finding', tenant, word);

const onFinding = (word: string, tenant: string, event: (at: string) => FindingEvent): Fact => ({
  category: 'finding',
  tenant,
  id: findingId(word, tenant),
  event,
});

/** Something about a person stands out: nobody signs in to the account, unless said otherwise. */
export const findingRaised = (word: string, person: Person, over: Partial<FindingRaised['data']> = {}): Fact =>
  onFinding(word, person.tenant, (at) => ({
    type: 'FindingRaised',
    data: {
      finding: findingId(word, person.tenant),
      kind: 'dormant',
      code: 'no-sign-in',
      policy: 'dormant-90',
      policyVersion: 1,
      account: person.account,
      grant: null,
      role: null,
      connection: null,
      event: null,
      since: at,
      details: { days: 90 },
      owner: null,
      ...over,
    },
  }));

/** A person holds roles that must not go together. */
export const violationDetected = (word: string, person: Person, roles: readonly string[]): Fact =>
  onFinding(word, person.tenant, () => ({
    type: 'SodViolationDetected',
    data: {
      finding: findingId(word, person.tenant),
      policy: 'maker-checker',
      policyVersion: 1,
      account: person.account,
      held: roles.map((role) => ({ role, grant: seededId('grant', person.account, role), event: null })),
      owner: null,
    },
  }));

/** Somebody answers for a finding. */
export const findingAssigned = (word: string, owner: Person): Fact =>
  onFinding(word, owner.tenant, () => ({
    type: 'FindingAssigned',
    data: {
      finding: findingId(word, owner.tenant),
      account: null,
      owner: owner.account,
      by: null,
      via: 'system',
      reason: null,
    },
  }));

/** A finding may stay until an instant. */
export const findingAccepted = (word: string, by: Person, until: string): Fact =>
  onFinding(word, by.tenant, () => ({
    type: 'FindingAccepted',
    data: {
      finding: findingId(word, by.tenant),
      account: null,
      by: by.account,
      via: 'session',
      until,
      reason: 'on leave',
    },
  }));

/** A policy opens a review about a finding. */
export const findingActedUpon = (word: string, review: string, tenant = 'acme'): Fact =>
  onFinding(word, tenant, () => ({
    type: 'FindingActedUpon',
    data: { finding: findingId(word, tenant), action: 'review', review, event: null },
  }));

/** A finding holds no more. */
export const findingResolved = (
  word: string,
  { tenant = 'acme', ...over }: { tenant?: string } & Partial<FindingResolved['data']> = {},
): Fact =>
  onFinding(word, tenant, () => ({
    type: 'FindingResolved',
    data: {
      finding: findingId(word, tenant),
      account: null,
      code: 'gone',
      by: null,
      via: 'system',
      event: null,
      reason: null,
      ...over,
    },
  }));

/** A person's exception from segregation of duties, told apart from others by a word. */
export const exceptionId = (person: Person, word: string): string => seededId('exception', person.account, word);

const onException = (person: Person, word: string, event: Fact['event']): Fact => ({
  category: 'sodException',
  tenant: person.tenant,
  id: exceptionId(person, word),
  event,
});

/** A person may hold conflicting roles until an instant. */
export const exceptionGranted = (
  person: Person,
  word: string,
  until: string,
  over: Partial<SodExceptionGranted['data']> = {},
): Fact =>
  onException(person, word, () => ({
    type: 'SodExceptionGranted',
    data: {
      exception: exceptionId(person, word),
      policy: 'maker-checker',
      account: person.account,
      sets: [['pay.create'], ['pay.approve']],
      owner: 'olga@acme.example',
      control: 'Every payment is looked at by a second person',
      until,
      by: null,
      reason: 'the only accountant in August',
      ...over,
    },
  }));

/** An exception is over. */
export const exceptionEnded = (person: Person, word: string): Fact =>
  onException(person, word, (at) => ({
    type: 'SodExceptionEnded',
    data: {
      exception: exceptionId(person, word),
      policy: 'maker-checker',
      account: person.account,
      code: 'by-hand',
      effectiveAt: at,
      by: null,
      reason: null,
    },
  }));

/** A held change, told apart from others of the tenant by a word. */
export const changeId = (word: string, tenant = 'acme'): string => seededId('held change', tenant, word);

const onChange = (word: string, tenant: string, event: (at: string) => HeldChangeEvent): Fact => ({
  category: 'heldChange',
  tenant,
  id: changeId(word, tenant),
  event,
});

/** A change of a connection waits for a second person, for a day. */
export const changeHeld = (word: string, over: Partial<ChangeHeld['data']> = {}, tenant = 'acme'): Fact =>
  onChange(word, tenant, (at) => ({
    type: 'ChangeHeld',
    data: {
      change: changeId(word, tenant),
      area: 'rules',
      kind: 'connection',
      target: 'okta',
      ofVersion: 1,
      changed: ['rules[engineers].grant'],
      command: '{}',
      people: [],
      requestedBy: 'account:olga',
      approvalsNeeded: 1,
      validUntil: after(at, 24 * HOUR_MS),
      reason: 'the new product',
      ...over,
    },
  }));

/** Somebody else approves of a change. */
export const changeApproved = (word: string, { complete = true, tenant = 'acme' } = {}): Fact =>
  onChange(word, tenant, () => ({
    type: 'ChangeApproved',
    data: { change: changeId(word, tenant), by: 'account:bo', via: 'session', complete, reason: null },
  }));

/** A change is refused. */
export const changeRefused = (word: string, tenant = 'acme'): Fact =>
  onChange(word, tenant, () => ({
    type: 'ChangeRefused',
    data: { change: changeId(word, tenant), by: 'account:bo', via: 'session', code: 'refused', reason: null },
  }));

/** A change that was approved of is made. */
export const changeApplied = (word: string, tenant = 'acme'): Fact =>
  onChange(word, tenant, () => ({
    type: 'ChangeApplied',
    data: { change: changeId(word, tenant), events: [seededId('made', tenant, word)] },
  }));

/** A change that should have waited is made at once. */
export const emergencyChange = (word: string, tenant = 'acme'): Fact =>
  onChange(word, tenant, () => ({
    type: 'EmergencyChangeRecorded',
    data: {
      change: changeId(word, tenant),
      area: 'connections',
      kind: 'connection',
      target: 'okta',
      changed: ['enabled'],
      by: 'account:olga',
      events: [seededId('made', tenant, word)],
      reason: 'the source was broken into',
    } satisfies EmergencyChangeRecorded['data'],
  }));

/** A source tells of uses, in one report told apart from others by a word. */
export const usageReported = (
  word: string,
  source: string,
  entries: UsageReported['data']['entries'],
  tenant = 'acme',
): Fact => {
  const usage = seededId('usage', tenant, word);
  return {
    category: 'usage',
    tenant,
    id: usage,
    event: () => ({ type: 'UsageReported', data: { usage, source, entries } }),
  };
};

/** A person comes in to an application, for the n-th time. */
export const applicationSignedIn = (person: Person, application: string, nth = 1): Fact => ({
  category: 'applicationSignIn',
  tenant: person.tenant,
  id: seededId('application sign-in', person.account, application, nth),
  event: () => ({
    type: 'ApplicationSignedIn',
    data: {
      account: person.account,
      client: application,
      clientVersion: 1,
      application,
      connection: 'okta',
      signIn: null,
      accountRevision: 0,
      roles: [],
      grants: [],
      silent: false,
    } satisfies ApplicationSignedIn['data'],
  }),
});

/** The same sign-in, but the source says nothing about groups. */
export const withoutGroups = (signIn: Fact): Fact => ({
  ...signIn,
  event: (at) => {
    const { type, data } = signIn.event(at);
    return { type, data: { ...(data as SignedIn['data']), groups: 'unknown', claims: [] } };
  },
});

const HOUR_MS = 3_600_000;
const after = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();

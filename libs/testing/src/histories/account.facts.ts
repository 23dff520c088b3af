import type {
  AccessRevoked,
  AccountEvent,
  AccountSource,
  GrantSource,
  Profile,
  SodConflictPrevented,
  UserProvisioned,
} from '#libs/contracts';
import type { Fact } from './facts.js';
import type { Person } from './people.js';
import { seededId } from './seeded-id.js';
import { by, manually, through } from './sources.js';

const onAccount = ({ tenant, account }: Person, event: (at: string) => AccountEvent): Fact => ({
  category: 'account',
  tenant,
  id: account,
  event,
});

/** An account comes into being, through the connection okta unless said otherwise. */
export function provisioned(person: Person, over: Partial<UserProvisioned['data']> = {}): Fact {
  const { account, directory, profile } = person;
  return onAccount(person, () => ({
    type: 'UserProvisioned',
    data: {
      account,
      directory,
      kind: 'person',
      sponsor: null,
      expiresAt: null,
      source: through('okta'),
      evidence: null,
      claims: null,
      ruleVersions: [],
      profile,
      emailVerified: true,
      links: [{ connection: 'okta', subject: profile.userName }],
      reason: null,
      ...over,
    },
  }));
}

/** Attributes of an account change. */
export function profileUpdated(
  person: Person,
  changes: Partial<Profile>,
  source: AccountSource = through('okta'),
): Fact {
  return onAccount(person, () => ({
    type: 'ProfileUpdated',
    data: {
      account: person.account,
      source,
      evidence: null,
      changed: Object.keys(changes),
      profile: { ...person.profile, ...changes },
      emailVerified: true,
      lost: [],
      reason: null,
    },
  }));
}

/** A subject of a connection is joined to an account. */
export function linked(person: Person, connection: string, subject: string): Fact {
  const { account } = person;
  return onAccount(person, () => ({
    type: 'IdentityLinked',
    data: { account, connection, subject, how: 'manual', evidence: null, reason: 'asked for' },
  }));
}

/** A subject of a connection is separated from an account. */
export function unlinked(person: Person, connection: string, subject: string): Fact {
  const { account } = person;
  return onAccount(person, () => ({
    type: 'IdentityUnlinked',
    data: { account, connection, subject, reason: 'left' },
  }));
}

/** The grant of a role to a person; `nth` tells apart grants of the same role. */
export const grantId = (person: Person, role: string, nth = 1): string =>
  seededId('grant', person.tenant, person.account, role, nth);

/** What a grant may say beyond role and source. */
export interface GrantDetails {
  readonly nth?: number;
  readonly from?: string;
  readonly until?: string | null;
  /** Id of the `SignedIn` event that led to it, as `signInId` makes it. */
  readonly evidence?: string | null;
  readonly matched?: readonly { readonly claim: string; readonly values: readonly string[] }[];
}

/** An account is given a role, by the rule `engineers` of the connection okta unless said otherwise. */
export function assigned(
  person: Person,
  role: string,
  source: GrantSource = by('okta', 'engineers'),
  { nth = 1, from, until = null, evidence = null, matched = [] }: GrantDetails = {},
): Fact {
  return onAccount(person, (at) => ({
    type: 'RolesAssigned',
    data: {
      account: person.account,
      grants: [{ id: grantId(person, role, nth), role, source, effectiveAt: from ?? at, until }],
      evidence,
      because: [matched.map(({ claim, values }) => ({ claim, values: [...values] }))],
      reason: source.kind === 'manual' ? 'needed for the project' : null,
    },
  }));
}

/** A grant of an account ends. */
export function revoked(
  person: Person,
  role: string,
  over: { nth?: number } & Partial<Pick<AccessRevoked['data'], 'code' | 'effectiveAt' | 'evidence' | 'reason'>> = {},
): Fact {
  const { nth = 1, ...data } = over;
  return onAccount(person, (at) => ({
    type: 'AccessRevoked',
    data: {
      account: person.account,
      grants: [{ id: grantId(person, role, nth), role }],
      code: 'by-hand',
      effectiveAt: at,
      evidence: null,
      reason: null,
      ...data,
    },
  }));
}

/** An account is suspended. */
export function deactivated(person: Person, source: AccountSource = manually, occurredAt: string | null = null): Fact {
  return onAccount(person, () => ({
    type: 'UserDeactivated',
    data: { account: person.account, source, reason: 'on leave', occurredAt },
  }));
}

/** A suspended account counts again. */
export function reactivated(person: Person, source: AccountSource = manually): Fact {
  return onAccount(person, () => ({
    type: 'UserReactivated',
    data: { account: person.account, source, reason: 'back' },
  }));
}

/** A sign-in through okta moves the end of a grant. */
export function confirmed(person: Person, role: string, until: string, { nth = 1 }: { nth?: number } = {}): Fact {
  return onAccount(person, () => ({
    type: 'GrantsConfirmed',
    data: {
      account: person.account,
      connection: 'okta',
      grants: [{ id: grantId(person, role, nth), role }],
      until,
      evidence: null,
    },
  }));
}

/** A review sets an earlier end to a grant. */
export function reduced(
  person: Person,
  role: string,
  until: string,
  { nth = 1, decision = seededId('decision of a review') }: { nth?: number; decision?: string } = {},
): Fact {
  return onAccount(person, () => ({
    type: 'GrantsReduced',
    data: {
      account: person.account,
      grants: [{ id: grantId(person, role, nth), role }],
      until,
      decision,
      reason: 'until the project ends',
    },
  }));
}

/** The last sign-in through okta kept roles back, or none any more. */
export function keptBack(person: Person, conflicts: SodConflictPrevented['data']['conflicts']): Fact {
  return onAccount(person, () => ({
    type: 'SodConflictPrevented',
    data: { account: person.account, conflicts, connection: 'okta', evidence: null },
  }));
}

/** An account takes over identities of another one, which it should have been from the beginning. */
export function absorbed(
  person: Person,
  other: Person,
  links = [{ connection: 'okta', subject: other.profile.userName }],
): Fact {
  return onAccount(person, () => ({
    type: 'AccountAbsorbed',
    data: { account: person.account, from: other.account, links, reason: 'the same person' },
  }));
}

/** An account ends; its person goes on with another one. */
export function merged(person: Person, into: Person): Fact {
  return onAccount(person, () => ({
    type: 'AccountMerged',
    data: { account: person.account, into: into.account, reason: 'the same person' },
  }));
}

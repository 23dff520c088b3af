import type { AccountEvent, GrantSource, Profile, ReviewItemReopened } from '#libs/contracts';

/** What somebody certifies when they certify a grant. */
export interface Certified {
  readonly role: string;
  /** Null where a role was kept back, and the question is whether the account should have it. */
  readonly grant: { readonly id: string; readonly source: GrantSource } | null;
  /** Null, or a text, where nothing is on record about the person any more. */
  readonly profile: Profile | string | null;
}

const ATTRIBUTES = ['department', 'title', 'manager', 'employeeType'] as const;

/**
 * Writes down what is certified, in one form only: equal texts mean that nothing has changed that the decision rested on. How long the
 * grant lasts is not among it, since leases move on with every sign-in. Holds personal data: keep only its HMAC under the look-up key.
 */
export function fingerprintOf({ role, grant, profile }: Certified): string {
  const { connection = null, rule = null, ruleVersion = null } = grant?.source ?? {};
  const known = typeof profile === 'object' ? profile : null;
  return JSON.stringify([
    role,
    grant?.id ?? null,
    connection,
    rule,
    ruleVersion,
    ...ATTRIBUTES.map((attribute) => known?.[attribute] ?? null),
  ]);
}

/**
 * Names what an event on an account changes of that which may have been certified; nothing for most events. An ended grant is not
 * among it: then there is nothing left to decide.
 */
export function whatChanged(event: Pick<AccountEvent, 'type' | 'data'>): ReviewItemReopened['data']['changed'] {
  if (event.type !== 'ProfileUpdated') return [];
  const { changed } = event.data as Extract<AccountEvent, { type: 'ProfileUpdated' }>['data'];
  return ATTRIBUTES.filter((attribute) => changed.includes(attribute));
}

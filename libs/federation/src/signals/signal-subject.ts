import { isExactText, textClaim } from '../jwt/compact-token.js';

/** One way in which a token names a person. */
export type SignalPerson =
  /** As `VerifiedIdentity.subject` names them. */
  | { readonly by: 'subject'; readonly value: string }
  /** By an address or a name that others could use too: good only where the source may speak for its domain. */
  | { readonly by: 'email' | 'account'; readonly value: string };

/** Whom a token is about. */
export interface SignalSubject {
  /** The same person in several ways, the surest first; empty: nobody whom Gatebook could know. */
  readonly people: readonly SignalPerson[];
  /** One session of theirs (`sid` or SessionIndex); null: all. */
  readonly session: string | null;
}

/** Names of one person in one token. */
const ALIASES_MAX = 10;
const SUREST_FIRST: readonly SignalPerson['by'][] = ['subject', 'email', 'account'];
const NOBODY: SignalSubject = { people: [], session: null };

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads a subject identifier: `iss_sub`, `opaque`, `email`, `account`, `aliases`, and complex ones with `user` and `session`. Others,
 * such as telephone numbers and devices, name nobody.
 * @param isIssuer whether `sub` of this issuer is what the connection knows people by
 * @see RFC 9493, OpenID Shared Signals Framework 1.0 §3
 */
export function readSignalSubject(identifier: unknown, isIssuer: (issuer: string) => boolean): SignalSubject {
  if (!isMembers(identifier)) return NOBODY;
  const { user, session } = identifier;
  if (!isMembers(user) && !isMembers(session)) return { people: peopleOf(identifier, isIssuer), session: null };
  return {
    people: isMembers(user) ? peopleOf(user, isIssuer) : [],
    session: isMembers(session) ? (exact(session, 'id') ?? null) : null,
  };
}

function peopleOf(identifier: Members, isIssuer: (issuer: string) => boolean): SignalPerson[] {
  const aliases = formatOf(identifier) === 'aliases' ? identifier['identifiers'] : [identifier];
  if (!Array.isArray(aliases)) return [];
  const people = aliases
    .slice(0, ALIASES_MAX)
    .flatMap((alias: unknown) => (isMembers(alias) ? personOf(alias, isIssuer) : []));
  return people.sort((one, other) => SUREST_FIRST.indexOf(one.by) - SUREST_FIRST.indexOf(other.by));
}

function personOf(identifier: Members, isIssuer: (issuer: string) => boolean): SignalPerson[] {
  const named = (by: SignalPerson['by'], value: string | undefined) => (value === undefined ? [] : [{ by, value }]);
  switch (formatOf(identifier)) {
    case 'iss_sub':
      return isIssuer(textClaim(identifier, 'iss') ?? '') ? named('subject', exact(identifier, 'sub')) : [];
    case 'opaque':
      return named('subject', exact(identifier, 'id'));
    case 'email':
      return named('email', exact(identifier, 'email'));
    case 'account':
      return named('account', /^acct:(.+)$/.exec(exact(identifier, 'uri') ?? '')?.[1]);
    default:
      return [];
  }
}

/** Drafts called it `subject_type` and wrote hyphens. */
function formatOf(identifier: Members): string | undefined {
  return (textClaim(identifier, 'format') ?? textClaim(identifier, 'subject_type'))?.replaceAll('-', '_');
}

function exact(identifier: Members, name: string): string | undefined {
  const text = textClaim(identifier, name);
  return isExactText(text) ? text : undefined;
}

/** Whether a value is a JSON object. */
export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

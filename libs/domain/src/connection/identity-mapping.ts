import type { ConnectionSettings, Profile } from '#libs/contracts';
import { SignInRefusedError } from '../sign-in/sign-in-refused.error.js';
import type { Claims, PresentedIdentity } from './claims.js';

/** Groups as the source stated them. Unknown is not none: it takes nothing back. */
export type Groups = { readonly known: true; readonly values: ReadonlySet<string> } | { readonly known: false };

/** What a connection makes of an assertion. */
export interface MappedIdentity {
  /** Identifies the person in the connection, as compared: lower-cased where the connection says so. */
  readonly subject: string;
  /** Attributes that the source stated; an attribute that it did not mention is absent, one without a value is null. */
  readonly offered: ReadonlyMap<string, OfferedValue>;
  readonly emailVerified: boolean;
  readonly groups: Groups;
}

/** One value for a standard attribute, all values for one of the operator's own. */
export type OfferedValue = string | readonly string[] | null;

/** Attributes that every profile has; any other name in a mapping becomes an attribute of the operator's own. */
export const STANDARD_ATTRIBUTES = [
  'userName',
  'displayName',
  'givenName',
  'familyName',
  'email',
  'externalId',
  'employeeNumber',
  'employeeType',
  'title',
  'department',
  'costCenter',
  'manager',
] as const satisfies readonly (keyof Profile)[];

const STANDARD: ReadonlySet<string> = new Set(STANDARD_ATTRIBUTES);

/** Longest full name made of two others, in characters: no longer than what a source may state itself. */
const FULL_NAME_LENGTH_MAX = 8192;

const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

/** The domain of an e-mail address, lower-cased; empty when there is none. */
export function domainOf(email: string): string {
  const at = email.lastIndexOf('@');
  return at < 0 ? '' : email.slice(at + 1).toLowerCase();
}

/**
 * Maps an assertion by the settings of its connection.
 * @throws {SignInRefusedError} `transient-subject`, `missing-subject` or `missing-attribute` (no user name)
 */
export function mapIdentity(settings: ConnectionSettings, presented: PresentedIdentity): MappedIdentity {
  const offered = offeredAttributes(settings.attributes, presented);
  const userName = offered.get('userName');
  if (typeof userName !== 'string') throw new SignInRefusedError('missing-attribute');
  if (!offered.has('displayName')) offerFullName(offered);
  const email = offered.get('email');
  return {
    subject: subjectOf(settings.subject, presented),
    offered,
    emailVerified: settings.trustEmail && typeof email === 'string' && settings.domains.includes(domainOf(email)),
    groups: groupsOf(settings.groups, presented.claims),
  };
}

function subjectOf(rule: ConnectionSettings['subject'], { nameId, claims }: PresentedIdentity): string {
  if (rule === 'nameId') {
    if (nameId.format === TRANSIENT) throw new SignInRefusedError('transient-subject');
    return nameId.value;
  }
  const value = claims.get(rule.attribute)?.[0];
  if (!value) throw new SignInRefusedError('missing-subject');
  return comparableSubject({ subject: rule }, value);
}

/** A subject as a connection compares it: as it is, or lower-cased where the connection says so. */
export function comparableSubject({ subject }: Pick<ConnectionSettings, 'subject'>, value: string): string {
  return subject !== 'nameId' && subject.caseInsensitive ? lowerCase(value) : value;
}

/** Characters that merely fold to ASCII letters stay as they are: nobody becomes `mike` by writing it with a Kelvin sign. */
function lowerCase(text: string): string {
  const lower = (character: string) => {
    const folded = character.toLowerCase();
    return character > '\x7f' && /[\x20-\x7e]/.test(folded) ? character : folded;
  };
  return [...text].map(lower).join('');
}

function offeredAttributes(mapping: ConnectionSettings['attributes'], { nameId, claims }: PresentedIdentity) {
  const offered = new Map<string, OfferedValue>();
  for (const [attribute, source] of Object.entries(mapping)) {
    const values = source === 'nameId' ? [nameId.value] : claims.get(source);
    if (values === undefined) continue;
    const present = values.filter((value) => value !== '');
    offered.set(attribute, STANDARD.has(attribute) ? (present[0] ?? null) : present);
  }
  return offered;
}

function offerFullName(offered: Map<string, OfferedValue>): void {
  const names = [offered.get('givenName'), offered.get('familyName')].filter((part) => typeof part === 'string');
  const fullName = names.join(' ');
  if (names.length > 0 && fullName.length <= FULL_NAME_LENGTH_MAX) offered.set('displayName', fullName);
}

/** Present without a value: no groups. Absent: what the connection says, `unknown` unless it says otherwise. */
function groupsOf(rule: ConnectionSettings['groups'], claims: Claims): Groups {
  const values = claims.get(rule.attribute);
  if (values === undefined) return rule.whenMissing === 'none' ? { known: true, values: new Set() } : { known: false };
  const nameOf = (value: string) => (Object.hasOwn(rule.names, value) ? (rule.names[value] as string) : value);
  return { known: true, values: new Set(values.filter((value) => value !== '').map(nameOf)) };
}

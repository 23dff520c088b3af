import type { AccountSource, ConnectionSettings, MappingRule } from '#libs/contracts';
import {
  type AssignRole,
  type Authority,
  type ConnectionSnapshot,
  type Deactivate,
  type LiftWithholding,
  type LinkIdentity,
  mapIdentity,
  type ProvisionByHand,
  type Reactivate,
  type ReevaluateRules,
  type RevokeAllOf,
  type RevokeGrant,
  type SignIn,
} from '#libs/domain';
import { connectionSettingsWith } from '../histories/configuration.facts.js';
import type { Fact } from '../histories/facts.js';
import type { Person } from '../histories/people.js';
import { seededId } from '../histories/seeded-id.js';
import { manually } from '../histories/sources.js';
import { type Asked, type ExpectedEvent, records } from './given-when-then.js';

const DAY_MS = 86_400_000;

/** A SAML connection as decisions see it: its rules, and what else matters. */
export function connection(
  id: string,
  rules: readonly MappingRule[] = [],
  { version = 1, ...settings }: Partial<ConnectionSettings> & { version?: number } = {},
): ConnectionSnapshot {
  return { id, version, settings: { ...connectionSettingsWith(rules), ...settings } };
}

/** The source said nothing about groups. */
export const absent = 'absent';

/** What a sign-in says beyond who and through what. */
export interface SignInWords {
  /** Values of the groups attribute; `absent` leaves the attribute out. Nothing said: no groups. */
  readonly groups?: readonly string[] | typeof absent;
  /** Further claims, or other ones than the person's own. */
  readonly claims?: Readonly<Record<string, readonly string[]>>;
  readonly subject?: string;
  readonly found?: SignIn['data']['found'];
  /** Roles of the catalogue; those that the connection's rules name, unless said otherwise. */
  readonly live?: readonly string[];
  readonly authority?: Authority;
  readonly at?: string;
}

/** The evidence that sign-ins of a spec refer to. */
export const evidence = seededId('evidence');

/** A person signs in; what they say is mapped by the connection's settings. */
export function signIn(person: Person, through: ConnectionSnapshot, words: SignInWords = {}): Asked<SignIn> {
  const { groups = [], found = 'link', live = rolesNamed(through), authority = {}, subject } = words;
  const claims = new Map<string, readonly string[]>([
    ...(person.profile.email ? [['email', [person.profile.email]] as const] : []),
    ...(groups === absent ? [] : [['groups', groups] as const]),
    ...Object.entries(words.claims ?? {}),
  ]);
  const nameId = { value: subject ?? person.profile.userName, format: null };
  const identity = mapIdentity(through.settings, { nameId, claims });
  return {
    type: 'SignIn',
    by: { kind: 'account', id: person.account },
    ...(words.at ? { at: words.at } : {}),
    data: {
      account: person.account,
      found,
      connection: through,
      issuer: through.settings.saml.idpEntityId,
      identity,
      claims,
      liveRoles: new Set(live),
      authority,
      evidence,
    },
  };
}

/** The rules of a connection changed; what they say of a person's last groups is looked at again. */
export function reevaluateRules(
  through: ConnectionSnapshot,
  { groups, live = rolesNamed(through) }: { groups: readonly string[] | typeof absent; live?: readonly string[] },
): Asked<ReevaluateRules> {
  const known = groups === absent ? { known: false as const } : { known: true as const, values: new Set(groups) };
  return { type: 'ReevaluateRules', data: { connection: through, groups: known, liveRoles: new Set(live), evidence } };
}

const rolesNamed = ({ settings }: ConnectionSnapshot) => settings.rules.flatMap(({ grant }) => grant);

/** An administrator makes an account before its person signs in. */
export function provisionByHand(person: Person, over: Partial<ProvisionByHand['data']> = {}): Asked<ProvisionByHand> {
  const { account, directory, profile } = person;
  const standard = { kind: 'person', sponsor: null, expiresAt: null, links: [], reason: 'starts on Monday' } as const;
  return { type: 'ProvisionByHand', data: { account, directory, profile, ...standard, ...over } };
}

/** An administrator gives a role. */
export function assignRole(role: string, over: Partial<AssignRole['data']> & { at?: string } = {}): Asked<AssignRole> {
  const { at, ...data } = over;
  const standard = { maxDurationMs: null, until: null, overrideWithholding: false, reason: 'needed for the project' };
  return { type: 'AssignRole', data: { role, ...standard, ...data }, ...(at ? { at } : {}) };
}

/** An administrator ends a grant. */
export const revokeGrant = (
  grant: string,
  over: Partial<RevokeGrant['data']> & { at?: string } = {},
): Asked<RevokeGrant> => {
  const { at, ...data } = over;
  return { type: 'RevokeGrant', data: { grant, withhold: null, reason: 'not needed', ...data }, ...(at ? { at } : {}) };
};

/** An administrator lets rules give a role again. */
export const liftWithholding = (role: string): Asked<LiftWithholding> => ({
  type: 'LiftWithholding',
  data: { role, reason: 'reviewed again' },
});

/** An account is suspended, by an administrator unless said otherwise. */
export const deactivate = (source: AccountSource = manually): Asked<Deactivate> => ({
  type: 'Deactivate',
  data: { source, reason: 'on leave' },
});

/** A suspended account counts again; grants survive 30 days of suspension. */
export const reactivate = (source: AccountSource = manually, at?: string): Asked<Reactivate> => ({
  type: 'Reactivate',
  data: { source, restoreWithinMs: 30 * DAY_MS, reason: 'back' },
  ...(at ? { at } : {}),
});

/** An administrator joins a subject of a connection to an account. */
export const linkIdentity = (through: string, subject: string): Asked<LinkIdentity> => ({
  type: 'LinkIdentity',
  data: { connection: through, subject, reason: 'asked for' },
});

/** A role or a connection is gone, since long after the history unless said otherwise. */
export const revokeAllOf = (
  of: RevokeAllOf['data']['of'],
  { before = '2099-01-01T00:00:00.000Z' }: { before?: string } = {},
): Asked<RevokeAllOf> => ({ type: 'RevokeAllOf', data: { of, before, evidence } });

/** Somebody decided that rules must not give a role; `rules` are the ones that gave it, as `connection/rule@version`. */
export function withheld(person: Person, role: string, rules: readonly string[] = [], matched = matchedGroups()): Fact {
  const { tenant, account } = person;
  const data = {
    account,
    role,
    rules: [...rules],
    matched: rules.length > 0 ? matched : null,
    reason: 'a review said so',
  };
  return { category: 'account', tenant, id: account, event: () => ({ type: 'RoleWithheld', data }) };
}

/** What a withholding remembers of the groups that matched. */
export const matchedGroups = (...groups: readonly string[]): string =>
  JSON.stringify(groups.map((group) => ['groups', [group]]));

/** The account is given exactly these roles by one event; `source` and `until` are those of every grant. */
export const gives = (
  roles: string | readonly string[],
  { source, until, ...data }: { source?: object; until?: string | null } & Record<string, unknown> = {},
): ExpectedEvent =>
  records('RolesAssigned', {
    grants: [roles].flat().map((role) =>
      expect.objectContaining({
        role,
        ...(source ? { source: expect.objectContaining(source) } : {}),
        ...(until === undefined ? {} : { until }),
      }),
    ),
    ...data,
  });

/** Exactly these roles are taken back by one event, with this code. */
export const takes = (roles: string | readonly string[], code: string, data: object = {}): ExpectedEvent =>
  records('AccessRevoked', { grants: [roles].flat().map((role) => expect.objectContaining({ role })), code, ...data });

import type { AccountSource, MappingRule } from '#libs/contracts';
import {
  type AbsorbAccount,
  type AssignRole,
  type Authentication,
  type Authority,
  type Claims,
  type ConnectionSnapshot,
  type Deactivate,
  type EndElevation,
  type ExpireLeases,
  type ExtendElevation,
  factsOf,
  type GrantElevation,
  judgeRules,
  type LiftWithholding,
  type LinkIdentity,
  type MergeInto,
  mapIdentity,
  type PresentedIdentity,
  type ProvisionByHand,
  type Reactivate,
  type ReduceGrants,
  type ReevaluateRules,
  type RevokeAllOf,
  type RevokeGrant,
  type SignIn,
  type SodRule,
  type UnlinkIdentity,
  type WithholdRole,
} from '#libs/domain';
import { type ConnectionOverrides, connectionSettings } from '../histories/configuration.facts.js';
import type { Fact } from '../histories/facts.js';
import type { Person } from '../histories/people.js';
import { seededId } from '../histories/seeded-id.js';
import { manually } from '../histories/sources.js';
import { type Asked, type ExpectedEvent, records } from './given-when-then.js';

const DAY_MS = 86_400_000;

/** A SAML connection as decisions see it: its rules, and what else matters. It owns its domains, unless others are named. */
export function connection(
  id: string,
  rules: readonly MappingRule[] = [],
  {
    version = 1,
    ownedDomains,
    ...settings
  }: ConnectionOverrides & { readonly version?: number; readonly ownedDomains?: readonly string[] } = {},
): ConnectionSnapshot {
  const whole = connectionSettings({ ...settings, rules: [...rules] });
  return { id, version, settings: whole, ownedDomains: ownedDomains ?? whole.domains };
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
  /** How the person signed in; nothing is stated, unless said otherwise. */
  readonly authentication?: Partial<Authentication>;
  /** The person is in more groups than the source could name. */
  readonly groupsOverage?: boolean;
  readonly found?: SignIn['data']['found'];
  /** Roles of the catalogue; those that the connection's rules name, unless said otherwise. */
  readonly live?: readonly string[];
  readonly authority?: Authority;
  /** What must not be held together; nothing, unless said otherwise. */
  readonly sod?: readonly SodRule[];
  readonly at?: string;
}

/** The evidence that sign-ins of a spec refer to. */
export const evidence = seededId('evidence');

/** A person signs in; what they say is mapped by the connection's settings. */
export function signIn(person: Person, through: ConnectionSnapshot, words: SignInWords = {}): Asked<SignIn> {
  const { groups = [], found = 'link', live = rolesNamed(through), authority = {}, sod = [], subject } = words;
  const claims = new Map<string, readonly string[]>([
    ...(person.profile.email ? [['email', [person.profile.email]] as const] : []),
    ...(groups === absent ? [] : [['groups', groups] as const]),
    ...Object.entries(words.claims ?? {}),
  ]);
  const said = presented({
    subject: { value: subject ?? person.profile.userName, format: null },
    claims,
    authentication: words.authentication ?? {},
    groupsOverage: words.groupsOverage ?? false,
  });
  const identity = mapIdentity(through.settings, said, through.ownedDomains);
  return {
    type: 'SignIn',
    by: { kind: 'account', id: person.account },
    ...(words.at ? { at: words.at } : {}),
    data: {
      account: person.account,
      found,
      connection: through,
      issuer: through.settings.saml?.idpEntityId ?? 'https://op.example',
      identity,
      claims,
      liveRoles: new Set(live),
      authority,
      sod,
      evidence,
    },
  };
}

/** What a source vouches for: the subject `ada`, unless said otherwise, and nothing else than what is given. */
export function presented({
  claims = {},
  subject = { value: 'ada', format: null },
  authentication = {},
  groupsOverage = false,
}: {
  readonly claims?: Claims | Readonly<Record<string, readonly string[]>>;
  readonly subject?: PresentedIdentity['subject'];
  readonly authentication?: Partial<Authentication>;
  readonly groupsOverage?: boolean;
} = {}): PresentedIdentity {
  const asMap = claims instanceof Map ? (claims as Claims) : new Map(Object.entries(claims));
  return { subject, claims: asMap, authentication: { context: null, methods: [], ...authentication }, groupsOverage };
}

/** The rules of a connection changed; what they say of a person's last sign-in is looked at again. */
export function reevaluateRules(
  through: ConnectionSnapshot,
  {
    groups,
    claims = {},
    live = rolesNamed(through),
  }: {
    /** As at the last sign-in. */
    readonly groups: readonly string[] | typeof absent;
    readonly claims?: Readonly<Record<string, readonly string[]>>;
    readonly live?: readonly string[];
  },
): Asked<ReevaluateRules> {
  const said = presented({ claims: { ...(groups === absent ? {} : { groups }), ...claims } });
  const judgements = judgeRules(through.settings.rules, factsOf(through.settings, said));
  return { type: 'ReevaluateRules', data: { connection: through, judgements, liveRoles: new Set(live), evidence } };
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
  const standard = {
    maxDurationMs: null,
    until: null,
    overrideWithholding: false,
    sod: [],
    reason: 'needed for the project',
  };
  return { type: 'AssignRole', data: { role, ...standard, ...data }, ...(at ? { at } : {}) };
}

/** An administrator ends a grant. */
export const revokeGrant = (
  grant: string,
  over: Partial<RevokeGrant['data']> & { at?: string } = {},
): Asked<RevokeGrant> => {
  const { at, ...data } = over;
  const standard = { withhold: null, decision: null, reason: 'not needed' };
  return { type: 'RevokeGrant', data: { grant, ...standard, ...data }, ...(at ? { at } : {}) };
};

/** The decision of a review that commands of a spec refer to. */
export const decision = seededId('decision of a review');

/** A review decides that a grant ends and its role is withheld. */
export const revokeByReview = (grant: string, at?: string): Asked<RevokeGrant> =>
  revokeGrant(grant, { withhold: true, decision, ...(at ? { at } : {}) });

/** A review decides that a role ends at an instant; `grant` is the one that was looked at. */
export const reduceGrants = (
  role: string,
  until: string,
  over: Partial<ReduceGrants['data']> & { at?: string } = {},
): Asked<ReduceGrants> => {
  const { at, ...data } = over;
  const standard = { grant: null, decision, reason: 'until the project ends' };
  return { type: 'ReduceGrants', data: { role, until, ...standard, ...data }, ...(at ? { at } : {}) };
};

/** A review decides that the account shall not have a role that was kept back. */
export const withholdRole = (role: string, rules: readonly string[] = []): Asked<WithholdRole> => ({
  type: 'WithholdRole',
  data: { role, rules, decision, reason: 'the other role is the one that is needed' },
});

/** The elevation of a spec, and the event that approved it. */
export const elevation = seededId('elevation');
const approval = seededId('approval of the elevation');
/** Grants of that elevation: the first one, then those by which it was extended. */
export const elevationGrant = (nth = 1): string => seededId('grant of the elevation', nth);

/** A role is given for a time, as approved. */
export const grantElevation = (
  role: string,
  until: string,
  over: Partial<GrantElevation['data']> & { at?: string } = {},
): Asked<GrantElevation> => {
  const { at, ...data } = over;
  const standard = { elevation, grant: elevationGrant(), sod: [], overrideWithholding: false, evidence: approval };
  return {
    type: 'GrantElevation',
    data: { role, until, ...standard, reason: 'incident', ...data },
    ...(at ? { at } : {}),
  };
};

/** An elevation goes on for longer. */
export const extendElevation = (
  role: string,
  until: string,
  over: Partial<ExtendElevation['data']> & { at?: string } = {},
): Asked<ExtendElevation> => {
  const { at, ...data } = over;
  const standard = { elevation, grant: elevationGrant(2), sod: [], evidence: approval, reason: 'still an incident' };
  return { type: 'ExtendElevation', data: { role, until, ...standard, ...data }, ...(at ? { at } : {}) };
};

/** An elevation is over. */
export const endElevation = (
  grants: readonly string[] = [elevationGrant()],
  over: Partial<EndElevation['data']> & { at?: string } = {},
): Asked<EndElevation> => {
  const { at, ...data } = over;
  return { type: 'EndElevation', data: { grants, effectiveAt: null, reason: null, ...data }, ...(at ? { at } : {}) };
};

/** Roles that must not be held together, by a policy of this name at its first version. */
export const sodRule = (policy: string, ...sets: readonly (readonly string[])[]): SodRule => ({
  policy,
  version: 1,
  sets,
});

/** An administrator lets rules give a role again. */
export const liftWithholding = (role: string): Asked<LiftWithholding> => ({
  type: 'LiftWithholding',
  data: { role, reason: 'reviewed again' },
});

/** An account is suspended, by an administrator unless said otherwise. */
export const deactivate = (source: AccountSource = manually, occurredAt: string | null = null): Asked<Deactivate> => ({
  type: 'Deactivate',
  data: { source, reason: 'on leave', occurredAt },
});

/** A suspended account counts again; grants survive 30 days of suspension. */
export const reactivate = (
  source: AccountSource = manually,
  at?: string,
  occurredAt: string | null = null,
): Asked<Reactivate> => ({
  type: 'Reactivate',
  data: { source, restoreWithinMs: 30 * DAY_MS, reason: 'back', occurredAt },
  ...(at ? { at } : {}),
});

/** An administrator joins a subject of a connection to an account. */
export const linkIdentity = (through: string, subject: string): Asked<LinkIdentity> => ({
  type: 'LinkIdentity',
  data: { connection: through, subject, reason: 'asked for' },
});

/** An administrator separates a subject of a connection from an account. */
export const unlinkIdentity = (through: string, subject: string): Asked<UnlinkIdentity> => ({
  type: 'UnlinkIdentity',
  data: { connection: through, subject, reason: 'not theirs' },
});

/** An account takes over the identities of another one of the same person. */
export const absorbAccount = (
  from: string,
  links: AbsorbAccount['data']['links'] = [],
  withheld: AbsorbAccount['data']['withheld'] = [],
): Asked<AbsorbAccount> => ({
  type: 'AbsorbAccount',
  data: { from, links, withheld, reason: 'the same person' },
});

/** An account ends; its person goes on with another one. */
export const mergeInto = (into: string): Asked<MergeInto> => ({
  type: 'MergeInto',
  data: { into, reason: 'the same person' },
});

/** Leases that have run out are written down. */
export const expireLeases = (at?: string): Asked<ExpireLeases> => ({
  type: 'ExpireLeases',
  data: {},
  ...(at ? { at } : {}),
});

/** A role or a connection is gone, since long after the history unless said otherwise. */
export const revokeAllOf = (
  of: RevokeAllOf['data']['of'],
  { before = '2099-01-01T00:00:00.000Z' }: { before?: string } = {},
): Asked<RevokeAllOf> => ({ type: 'RevokeAllOf', data: { of, before, evidence } });

/** Somebody decided that rules must not give a role; `rules` are the ones that gave it, as `connection/rule@version`. */
export function withheld(
  person: Person,
  role: string,
  rules: readonly string[] = [],
  matched: string | null = matchedGroups(),
  from: string | null = null,
  because: string | null = decision,
): Fact {
  const { tenant, account } = person;
  const data = {
    account,
    role,
    rules: [...rules],
    matched: rules.length > 0 ? matched : null,
    from,
    decision: because,
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

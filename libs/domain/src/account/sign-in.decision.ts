import {
  type AccessRevoked,
  type AccountEvent,
  type AccountSource,
  GRANTS_PER_EVENT_MAX,
  type RolesAssigned,
  type RoleWithholdingLifted,
} from '#libs/contracts';
import { admit } from '../connection/admission.js';
import { toClaimList } from '../connection/claims.js';
import { linkHolds } from '../connection/linking.js';
import { type DueRole, dueKey, rolesDue } from '../connection/rules.js';
import { SignInRefusedError } from '../sign-in/sign-in-refused.error.js';
import type { SignIn } from './account.commands.js';
import { type AccountState, type Grant, standingGrants } from './account.state.js';
import { inParts } from './in-parts.js';
import { mergeProfile, newProfile } from './profile-merge.js';
import { revoked } from './revocation.js';
import { endedWithholding } from './withholding.js';

/**
 * Decides what a verified sign-in changes on an account. Order of events: provisioned, linked or updated, then taken, then given,
 * so that a fold cut anywhere never shows more access than was meant. No events: nothing changed.
 * @throws {SignInRefusedError} when the connection or the account does not admit this person
 */
export function decideSignIn(command: SignIn, state: AccountState): AccountEvent[] {
  const { connection, identity, liveRoles } = command.data;
  admit(connection.settings, identity);
  admitToAccount(command, state);
  const due = rolesDue(connection.settings.rules, identity.groups, connection.settings.groups.attribute, liveRoles);
  const lifted = liftWithholdings(command, state, due);
  const withheld = new Set([...state.withheld.keys()].filter((role) => !lifted.some(({ data }) => data.role === role)));
  const held = standingGrants(state, command.metadata.now).filter(
    ({ source }) => source.kind === 'rule' && source.connection === connection.id,
  );
  return [
    ...(state.exists ? [...link(command, state), ...update(command, state)] : provision(command)),
    ...takeBack(command, held, due),
    ...lifted,
    ...give(
      command,
      held,
      [...due.values()].filter(({ role }) => !withheld.has(role)),
    ),
  ];
}

function admitToAccount({ data, metadata }: SignIn, state: AccountState): void {
  if (!state.exists && !data.connection.settings.jit.create) throw new SignInRefusedError('jit-disabled');
  if (state.status === 'deactivated') throw new SignInRefusedError('account-deactivated', state.id);
  if (state.expiresAt !== null && state.expiresAt <= metadata.now)
    throw new SignInRefusedError('account-expired', state.id);
}

function sourceOf({ connection, issuer }: SignIn['data']): AccountSource {
  return {
    kind: 'signIn',
    connection: connection.id,
    connectionVersion: connection.version,
    protocol: connection.settings.protocol,
    issuer,
  };
}

function provision({ data }: SignIn): AccountEvent[] {
  const { connection, identity } = data;
  return [
    {
      type: 'UserProvisioned',
      data: {
        account: data.account,
        directory: connection.settings.directory,
        kind: 'person',
        sponsor: null,
        expiresAt: null,
        source: sourceOf(data),
        evidence: data.evidence,
        claims: toClaimList(data.claims),
        ruleVersions: connection.settings.rules.map(({ id, version }) => `${id}@${version}`),
        profile: newProfile(identity.offered),
        emailVerified: identity.emailVerified,
        links: [{ connection: connection.id, subject: identity.subject }],
        reason: null,
      },
    },
  ];
}

/**
 * Joins the subject to the account that the linking rule found. A look-up is a hint only: what the account itself says decides.
 * @throws {SignInRefusedError} `account-exists-unlinked` when the subject is not, or no longer, linked, and the rule may not link it
 */
function link({ data }: SignIn, state: AccountState): AccountEvent[] {
  const { connection, identity, found, evidence } = data;
  const linked = state.links.some((known) => known.connection === connection.id && known.subject === identity.subject);
  if (linked) return [];
  if (found === 'link' || found === 'new' || !linkHolds(connection.settings, found, { identity, account: state }))
    throw new SignInRefusedError('account-exists-unlinked', state.id);
  return [
    {
      type: 'IdentityLinked',
      data: {
        account: state.id,
        connection: connection.id,
        subject: identity.subject,
        how: found,
        evidence,
        reason: null,
      },
    },
  ];
}

function update({ data }: SignIn, state: AccountState): AccountEvent[] {
  if (state.profile === null) return [];
  const source = data.connection.id;
  const mode = data.connection.settings.jit.update;
  const { profile, changed, lost } = mergeProfile(state.profile, data.identity.offered, {
    source,
    update: mode,
    authority: data.authority,
    statedBy: state.attributeSources,
  });
  const emailVerified = changed.includes('email')
    ? data.identity.emailVerified
    : state.emailVerified || (mode !== 'never' && verifies(data.identity, profile.email));
  const news = lost.filter(({ attribute }) => !state.losers.get(attribute)?.has(source));
  if (changed.length === 0 && news.length === 0 && emailVerified === state.emailVerified) return [];
  return [
    {
      type: 'ProfileUpdated',
      data: {
        account: state.id,
        source: sourceOf(data),
        evidence: data.evidence,
        changed: [...changed],
        profile,
        emailVerified,
        lost: news,
        reason: null,
      },
    },
  ];
}

/** An address that an administrator wrote down is verified by the first source that states the same one and may speak for its domain. */
const verifies = ({ emailVerified, offered }: SignIn['data']['identity'], email: string | null): boolean =>
  emailVerified && email !== null && offered.get('email') === email;

/** Grants of this connection that its rules no longer give. Unknown groups take nothing back. */
function takeBack(
  { data, metadata }: SignIn,
  held: readonly Grant[],
  due: ReadonlyMap<string, DueRole>,
): AccessRevoked[] {
  if (!data.identity.groups.known) return [];
  const gone = held.filter((grant) => !due.has(dueKey({ rule: grant.source.rule, role: grant.role })));
  return revoked(data.account, gone, {
    code: 'rule-no-longer-matches',
    at: metadata.now,
    evidence: data.evidence,
    reason: null,
  });
}

/** A decision outlives a rule: only another version of it, or other attributes of the person, end a withholding. */
function liftWithholdings(
  { data }: SignIn,
  state: AccountState,
  due: ReadonlyMap<string, DueRole>,
): RoleWithholdingLifted[] {
  const { account, connection, identity, liveRoles } = data;
  return [...state.withheld].flatMap(([role, withholding]) => {
    if (!liveRoles.has(role)) return [];
    const { groups } = identity;
    const why = endedWithholding({ role, withholding, connection, groups, due: [...due.values()] });
    return why ? [{ type: 'RoleWithholdingLifted' as const, data: { account, role, why, reason: null } }] : [];
  });
}

function give({ data, metadata }: SignIn, held: readonly Grant[], due: readonly DueRole[]): RolesAssigned[] {
  const keys = new Set(held.map((grant) => dueKey({ rule: grant.source.rule, role: grant.role })));
  const missing = due.filter((candidate) => !keys.has(dueKey(candidate)));
  const { id: connection, version: connectionVersion } = data.connection;
  return inParts(missing, GRANTS_PER_EVENT_MAX).map((part) => ({
    type: 'RolesAssigned',
    data: {
      account: data.account,
      grants: part.map(({ role, rule, ruleVersion }) => ({
        id: metadata.deriveId(`grant:${connection}:${rule}:${role}`),
        role,
        source: { kind: 'rule', connection, connectionVersion, rule, ruleVersion, actor: null },
        effectiveAt: metadata.now,
        until: null,
      })),
      evidence: data.evidence,
      because: part.map(({ matched }) => matched.map(({ claim, values }) => ({ claim, values: [...values] }))),
      reason: null,
    },
  }));
}

import {
  type AccessRevoked,
  type AccountEvent,
  type AccountSource,
  GRANTS_PER_EVENT_MAX,
  type GrantsConfirmed,
  type RolesAssigned,
  type RoleWithholdingLifted,
  type SodConflictPrevented,
} from '#libs/contracts';
import { sameJson } from '../changed-paths.js';
import { admit, mayCreateAccounts, strangerRefused } from '../connection/admission.js';
import { toClaimList } from '../connection/claims.js';
import { linkHolds } from '../connection/linking.js';
import { type DueRole, dueKey, rolesDue, undecidedGrants } from '../connection/rules.js';
import { SignInRefusedError } from '../sign-in/sign-in-refused.error.js';
import type { SignIn } from './account.commands.js';
import { type AccountState, type Grant, isLinked, standingGrants } from './account.state.js';
import { inParts } from './in-parts.js';
import { type GivenUnderSod, keepBack, undecidedAmong } from './kept-back.js';
import { confirmations, type EndsOfRoles, endOfLease, expireLeases } from './lease.js';
import { mergeProfile, newProfile } from './profile-merge.js';
import { revoked } from './revocation.js';
import { endedWithholding, withholdsAt } from './withholding.js';

/**
 * Decides what a verified sign-in changes on an account. Order of events: provisioned, linked or updated, then taken, then
 * confirmed and given, so that a fold cut anywhere never shows more access than was meant. No events: nothing changed.
 * @throws {SignInRefusedError} when the connection or the account does not admit this person
 */
export function decideSignIn(command: SignIn, state: AccountState): AccountEvent[] {
  const { connection, identity, liveRoles } = command.data;
  admit(connection.settings, identity);
  admitToAccount(command, state);
  const due = rolesDue(connection.settings.rules, identity.judgements, liveRoles);
  const lifted = liftWithholdings(command, state, due);
  const decisions = withoutLifted(state.withheld, lifted);
  const latest = (role: string) => decisions.get(role)?.from ?? null;
  const standing = standingGrants(state, command.metadata.now);
  const held = standing.filter(({ source }) => source.kind === 'rule' && source.connection === connection.id);
  const gone = noLongerDue(command, held, due);
  const admissible = new Map([...due].filter(([, { role }]) => !isWithheld(decisions, role, command)));
  const missing = notHeldYet(held, [...admissible.values()]);
  const remaining = standing.filter((grant) => !gone.includes(grant));
  const { given, conflicts } = underSod(command, state, { due, missing, remaining });
  return [
    ...(state.exists ? [...link(command, state), ...update(command, state)] : provision(command)),
    // written down before the session begins, which would otherwise end when somebody else writes it down later
    ...expireLeases(command, state),
    ...takeBack(command, gone),
    ...lifted,
    ...prevented(command, state, conflicts),
    ...confirm(command, held, { due: admissible, latest }),
    ...give(command, given, latest),
  ];
}

function admitToAccount({ data, metadata }: SignIn, state: AccountState): void {
  const { settings } = data.connection;
  if (!state.exists && !mayCreateAccounts(settings)) throw strangerRefused(settings);
  if (!state.exists) requireDirectory(data.identity, null);
  if (state.mergedInto !== null) throw new SignInRefusedError('account-merged', state.id);
  if (state.status === 'deactivated') throw new SignInRefusedError('account-deactivated', state.id);
  if (state.expiresAt !== null && state.expiresAt <= metadata.now)
    throw new SignInRefusedError('account-expired', state.id);
}

/** An account never moves: none is made, and none is joined by a name in it, in a directory that may be the wrong one. */
function requireDirectory({ directoryUndecided }: SignIn['data']['identity'], account: string | null): void {
  if (directoryUndecided !== null) throw new SignInRefusedError('groups-unknown', account, directoryUndecided);
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
        directory: identity.directory,
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
 * @throws {SignInRefusedError} `account-exists-unlinked` when the subject is not, or no longer, linked, and the rule may not link it;
 * `groups-unknown` when it cannot be told in which directory the person's account would be
 */
function link({ data }: SignIn, state: AccountState): AccountEvent[] {
  const { connection, identity, found, evidence } = data;
  if (isLinked(state, { connection: connection.id, subject: identity.subject })) return [];
  if (found === 'link' || found === 'new' || !linkHolds(connection, found, { identity, account: state }))
    throw new SignInRefusedError('account-exists-unlinked', state.id);
  requireDirectory(identity, state.id);
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

/** Grants of this connection that its rules no longer give. Unknown groups take nothing back, nor does a rule that is undecided. */
function noLongerDue(command: SignIn, held: readonly Grant[], due: ReadonlyMap<string, DueRole>): Grant[] {
  const open = undecidedKeys(command);
  const keyOf = (grant: Grant) => dueKey({ rule: grant.source.rule, role: grant.role });
  return held.filter((grant) => !due.has(keyOf(grant)) && !open(keyOf(grant)));
}

/** Of what (by `dueKey`) it cannot be told at this sign-in whether it is due. */
function undecidedKeys({ data: { connection, identity } }: SignIn): (key: string) => boolean {
  if (!identity.groups.known) return () => true;
  const open = undecidedGrants(connection.settings.rules, identity.judgements);
  return (key) => open.has(key);
}

function takeBack({ data, metadata }: SignIn, gone: readonly Grant[]): AccessRevoked[] {
  return revoked(data.account, gone, {
    code: 'rule-no-longer-matches',
    at: metadata.now,
    evidence: data.evidence,
    reason: null,
  });
}

function withoutLifted(withheld: AccountState['withheld'], lifted: readonly RoleWithholdingLifted[]): typeof withheld {
  const ended = new Set(lifted.map(({ data }) => data.role));
  return new Map([...withheld].filter(([role]) => !ended.has(role)));
}

function isWithheld(decisions: AccountState['withheld'], role: string, { metadata }: SignIn): boolean {
  const decision = decisions.get(role);
  return decision !== undefined && withholdsAt(decision, metadata.now);
}

/** One grant for each role that each rule gives: those that are there already are not given again. */
function notHeldYet(held: readonly Grant[], due: readonly DueRole[]): DueRole[] {
  const keys = new Set(held.map((grant) => dueKey({ rule: grant.source.rule, role: grant.role })));
  return due.filter((candidate) => !keys.has(dueKey(candidate)));
}

/** What the sign-in would give and leave, whatever must not be held together. */
interface NotUnderSod {
  readonly due: ReadonlyMap<string, DueRole>;
  readonly missing: readonly DueRole[];
  readonly remaining: readonly Grant[];
}

/** What segregation of duties lets this sign-in give, beside all that the account goes on holding. */
function underSod(
  command: SignIn,
  { keptBack }: AccountState,
  { due, missing, remaining }: NotUnderSod,
): GivenUnderSod {
  const { sod, connection } = command.data;
  if (sod.length === 0) return { given: missing, conflicts: [] };
  const before = keptBack.get(connection.id)?.conflicts ?? [];
  const open = undecidedKeys(command);
  return keepBack({
    rules: sod,
    held: new Set(remaining.map(({ role }) => role)),
    due: missing,
    undecided: undecidedAmong(before, (key) => open(key) && !due.has(key)),
  });
}

/** Recorded when something else is kept back than at the last sign-in through this connection, or nothing any more. */
function prevented(
  { data }: SignIn,
  { keptBack }: AccountState,
  conflicts: GivenUnderSod['conflicts'],
): SodConflictPrevented[] {
  const before = keptBack.get(data.connection.id)?.conflicts ?? [];
  if (sameJson(before, conflicts)) return [];
  const { account, connection, evidence } = data;
  return [
    {
      type: 'SodConflictPrevented',
      data: { account, conflicts: [...conflicts], connection: connection.id, evidence },
    },
  ];
}

/** A decision outlives a rule: only another version of it, or other attributes of the person, end a withholding. */
function liftWithholdings(
  { data, metadata }: SignIn,
  state: AccountState,
  due: ReadonlyMap<string, DueRole>,
): RoleWithholdingLifted[] {
  const { account, connection, liveRoles } = data;
  const { judgements } = data.identity;
  const soleSubject = state.links.filter((link) => link.connection === connection.id).length <= 1;
  return [...state.withheld].flatMap(([role, withholding]) => {
    // an end that a decision has set stands; what outlives it is withheld like any other role
    if (!liveRoles.has(role) || !withholdsAt(withholding, metadata.now)) return [];
    const why = endedWithholding({
      role,
      withholding,
      connection,
      judgements,
      due: [...due.values()],
      soleSubject,
    });
    return why ? [{ type: 'RoleWithholdingLifted' as const, data: { account, role, why, reason: null } }] : [];
  });
}

/** What lapses unless it is confirmed goes on. Of what cannot be told because groups are unknown nothing is confirmed: it runs out. */
function confirm(
  { data, metadata }: SignIn,
  held: readonly Grant[],
  { due, latest }: { readonly due: ReadonlyMap<string, DueRole>; readonly latest: EndsOfRoles },
): GrantsConfirmed[] {
  const still = held.filter((grant) => due.has(dueKey({ rule: grant.source.rule, role: grant.role })));
  const { account, connection, evidence } = data;
  const { lease } = connection.settings.jit;
  return confirmations(still, { lease, now: metadata.now, latest }).map(({ grants, until }) => ({
    type: 'GrantsConfirmed',
    data: { account, connection: connection.id, grants, until, evidence },
  }));
}

function give({ data, metadata }: SignIn, due: readonly DueRole[], latest: EndsOfRoles): RolesAssigned[] {
  const { id: connection, version: connectionVersion, settings } = data.connection;
  return inParts(due, GRANTS_PER_EVENT_MAX).map((part) => ({
    type: 'RolesAssigned',
    data: {
      account: data.account,
      grants: part.map(({ role, rule, ruleVersion }) => ({
        id: metadata.deriveId(`grant:${connection}:${rule}:${role}`),
        role,
        source: { kind: 'rule', connection, connectionVersion, rule, ruleVersion, actor: null },
        effectiveAt: metadata.now,
        until: endOfLease(settings.jit.lease, metadata.now, latest(role)),
      })),
      evidence: data.evidence,
      because: part.map(({ matched }) => matched.map(({ claim, values }) => ({ claim, values: [...values] }))),
      reason: null,
    },
  }));
}

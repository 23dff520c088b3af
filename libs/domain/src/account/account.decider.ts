import type { AccountEvent } from '#libs/contracts';
import {
  type CommandMetadata,
  type Decider,
  instantAfter,
  personBehind,
  type RecordedEvent,
  senderOf,
} from '#libs/kernel';
import { dueKey, rolesDue, undecidedGrants } from '../connection/rules.js';
import type {
  AccountCommand,
  AssignRole,
  Deactivate,
  LiftWithholding,
  ProvisionByHand,
  Reactivate,
  ReevaluateRules,
  RevokeAllOf,
} from './account.commands.js';
import {
  AccountExistsError,
  AccountNotFoundError,
  AccountStatusError,
  InvalidGrantEndError,
  NotWithheldError,
  OwnWithholdingError,
  ReactivationNotAllowedError,
  ReactivationOutdatedError,
  RoleAlreadyAssignedError,
  RoleWithheldError,
} from './account.errors.js';
import { type AccountState, evolveAccount, type Grant, NO_ACCOUNT, standingGrants } from './account.state.js';
import { endElevation, extendElevation, grantElevation } from './elevation.decision.js';
import { expireLeases } from './lease.js';
import { absorbAccount, linkIdentity, mergeInto, onMerged, unlinkIdentity } from './linked-identities.js';
import { reduceGrants, revokeGrant, withholdRole } from './review.decision.js';
import { revoked } from './revocation.js';
import { decideSignIn } from './sign-in.decision.js';
import { requireNoSodConflict } from './sod-conflict.js';
import { withheldWithin } from './withholding.js';

/** Everything that may happen to an account, and what follows from it. Pure: time, ids and evidence come with the command. */
export const accountDecider: Decider<AccountCommand, AccountState, AccountEvent> = {
  initialState: NO_ACCOUNT,
  decide,
  evolve: (state, event) => evolveAccount(state, event as RecordedEvent & AccountEvent),
};

function decide(command: AccountCommand, state: AccountState): readonly AccountEvent[] {
  if (command.type === 'SignIn') return decideSignIn(command, state);
  if (command.type === 'ProvisionByHand') return provisionByHand(command, state);
  if (!state.exists) throw new AccountNotFoundError();
  if (command.type === 'MergeInto') return mergeInto(command, state);
  if (state.mergedInto !== null) return onMerged(command, state.mergedInto);
  switch (command.type) {
    case 'AssignRole':
      return assignRole(command, state);
    case 'RevokeGrant':
      return revokeGrant(command, state);
    case 'ReduceGrants':
      return reduceGrants(command, state);
    case 'WithholdRole':
      return withholdRole(command, state);
    case 'GrantElevation':
      return grantElevation(command, state);
    case 'ExtendElevation':
      return extendElevation(command, state);
    case 'EndElevation':
      return endElevation(command, state);
    case 'LiftWithholding':
      return liftWithholding(command, state);
    case 'Deactivate':
      return deactivate(command, state);
    case 'Reactivate':
      return reactivate(command, state);
    case 'LinkIdentity':
      return linkIdentity(command, state);
    case 'UnlinkIdentity':
      return unlinkIdentity(command, state);
    case 'AbsorbAccount':
      return absorbAccount(command, state);
    case 'ExpireLeases':
      return expireLeases(command, state);
    case 'ReevaluateRules':
      return reevaluateRules(command, state);
    case 'RevokeAllOf':
      return revokeAllOf(command, state);
  }
}

function provisionByHand({ data }: ProvisionByHand, state: AccountState): AccountEvent[] {
  if (state.exists) throw new AccountExistsError();
  const source = {
    kind: 'manual',
    connection: null,
    connectionVersion: null,
    protocol: 'manual',
    issuer: null,
  } as const;
  return [
    {
      type: 'UserProvisioned',
      data: {
        ...data,
        links: [...data.links],
        source,
        evidence: null,
        claims: null,
        ruleVersions: [],
        emailVerified: false,
      },
    },
  ];
}

/** Given by hand over a withholding, which stands on: rules still must not give the role, also not when this grant has ended. */
function assignRole({ data, metadata }: AssignRole, state: AccountState): AccountEvent[] {
  const { role, reason } = data;
  const { now } = metadata;
  const byHand = standingGrants(state, now).find((grant) => grant.role === role && grant.source.kind === 'manual');
  if (byHand) throw new RoleAlreadyAssignedError(byHand.id);
  const until = endOf(data, now);
  if (withheldWithin(state, role, { now, until })) {
    if (!data.overrideWithholding) throw new RoleWithheldError(role);
    requireNotOwnDecision(role, metadata, state);
  }
  requireNoSodConflict(role, state, { sod: data.sod, now });
  const source = {
    kind: 'manual',
    connection: null,
    connectionVersion: null,
    rule: null,
    ruleVersion: null,
    actor: senderOf(metadata),
  } as const;
  const grant = {
    id: metadata.deriveId(`grant:manual:${role}`),
    role,
    source,
    effectiveAt: now,
    until,
  };
  return [
    { type: 'RolesAssigned', data: { account: state.id, grants: [grant], evidence: null, because: [[]], reason } },
  ];
}

/** The end of a grant by hand: as asked, within what the role allows; the longest allowed when nothing is asked. */
function endOf({ until, maxDurationMs }: AssignRole['data'], now: string): string | null {
  const latest = maxDurationMs === null ? null : instantAfter(now, maxDurationMs);
  if (until !== null && (until <= now || (latest !== null && until > latest))) throw new InvalidGrantEndError(latest);
  return until ?? latest;
}

function liftWithholding({ data, metadata }: LiftWithholding, state: AccountState): AccountEvent[] {
  if (!state.withheld.has(data.role)) throw new NotWithheldError(data.role);
  requireNotOwnDecision(data.role, metadata, state);
  return [
    {
      type: 'RoleWithholdingLifted',
      data: { account: state.id, role: data.role, why: 'by-hand', reason: data.reason },
    },
  ];
}

/** What a review decided about somebody they do not undo themselves, by session or by key, whatever rights they have. @throws {OwnWithholdingError} */
function requireNotOwnDecision(role: string, metadata: CommandMetadata, state: AccountState): void {
  const decided = (state.withheld.get(role)?.decision ?? null) !== null;
  const person = personBehind(metadata, senderOf(metadata));
  if (decided && person === `account:${state.id}`) throw new OwnWithholdingError(role);
}

function deactivate({ data }: Deactivate, state: AccountState): AccountEvent[] {
  if (state.status === 'deactivated') throw new AccountStatusError('deactivated');
  const { source, reason, occurredAt } = data;
  return [{ type: 'UserDeactivated', data: { account: state.id, source, reason, occurredAt } }];
}

/**
 * A source that says late what it did before it suspended the account does not let it count again.
 * After a long suspension nobody vouches for the old grants any more: they end, and rules give afresh at the next sign-in.
 */
function reactivate({ data, metadata }: Reactivate, state: AccountState): AccountEvent[] {
  if (state.status === 'active') throw new AccountStatusError('active');
  if (data.source.kind !== 'manual' && data.source.connection !== state.deactivatedBy)
    throw new ReactivationNotAllowedError();
  if (
    data.occurredAt !== null &&
    state.deactivationOccurredAt !== null &&
    data.occurredAt < state.deactivationOccurredAt
  )
    throw new ReactivationOutdatedError();
  const late = metadata.now > instantAfter(state.deactivatedAt ?? metadata.now, data.restoreWithinMs);
  const ended = late ? standingGrants(state, metadata.now) : [];
  return [
    ...revoked(state.id, ended, { code: 'reactivated-late', at: metadata.now, evidence: null, reason: data.reason }),
    { type: 'UserReactivated', data: { account: state.id, source: data.source, reason: data.reason } },
  ];
}

/** A grant of this very version was given by a sign-in that these rules have judged, perhaps later than the one that is looked at here. */
function reevaluateRules({ data, metadata }: ReevaluateRules, state: AccountState): AccountEvent[] {
  const { connection, judgements, liveRoles, evidence } = data;
  const held = standingGrants(state, metadata.now).filter(
    ({ source }) =>
      source.kind === 'rule' &&
      source.connection === connection.id &&
      (source.connectionVersion ?? 0) < connection.version,
  );
  const due = rolesDue(connection.settings.rules, judgements, liveRoles);
  const open = undecidedGrants(connection.settings.rules, judgements);
  const keyOf = (grant: Grant) => dueKey({ rule: grant.source.rule, role: grant.role });
  const gone = held.filter((grant) => !due.has(keyOf(grant)) && !open.has(keyOf(grant)));
  return revoked(state.id, gone, { code: 'rule-changed', at: metadata.now, evidence, reason: null });
}

function revokeAllOf({ data, metadata }: RevokeAllOf, state: AccountState): AccountEvent[] {
  const { of, before, evidence } = data;
  const concerned = (grant: Grant) =>
    grant.from <= before && ('role' in of ? grant.role === of.role : grant.source.connection === of.connection);
  const code = 'role' in of ? 'role-retired' : 'connection-removed';
  return revoked(state.id, standingGrants(state, metadata.now).filter(concerned), {
    code,
    at: metadata.now,
    evidence,
    reason: null,
  });
}

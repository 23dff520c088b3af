import type { AccessRevoked, RolesAssigned } from '#libs/contracts';
import type { EndElevation, ExtendElevation, GrantElevation } from './account.commands.js';
import {
  AccountNotActiveError,
  GrantNotFoundError,
  InvalidGrantEndError,
  RoleWithheldError,
} from './account.errors.js';
import { type AccountState, countsAt, type Grant, standingGrants } from './account.state.js';
import { revoked } from './revocation.js';
import { requireNoSodConflict } from './sod-conflict.js';
import { withheldWithin } from './withholding.js';

/** Gives a role for a time, because that was approved. Sign-ins leave it alone; it ends by itself. Asked again with the same grant, nothing happens. */
export function grantElevation(command: GrantElevation, state: AccountState): RolesAssigned[] {
  const { grant, role, until, overrideWithholding } = command.data;
  const { now } = command.metadata;
  if (state.grants.has(grant)) return [];
  if (!countsAt(state, now)) throw new AccountNotActiveError();
  if (!overrideWithholding && withheldWithin(state, role, { now, until })) throw new RoleWithheldError(role);
  return given(command, state);
}

/**
 * Lets an elevation go on: by a further grant, since the end of the first one is what was approved.
 * @throws {GrantNotFoundError} when the elevation is over
 */
export function extendElevation(command: ExtendElevation, state: AccountState): RolesAssigned[] {
  const { elevation, grant, role } = command.data;
  const { now } = command.metadata;
  if (state.grants.has(grant)) return [];
  const open = standingGrants(state, now).some((each) => isOf(elevation, each) && each.role === role);
  if (!open) throw new GrantNotFoundError();
  if (!countsAt(state, now)) throw new AccountNotActiveError();
  return given(command, state);
}

/** Ends what is left of an elevation: each grant when it ended by itself, or now; nothing is recorded when nothing is left. */
export function endElevation({ data, metadata }: EndElevation, state: AccountState): AccessRevoked[] {
  const left = data.grants
    .map((id) => state.grants.get(id))
    .filter((grant): grant is Grant => grant?.source.kind === 'elevation');
  const asked = data.effectiveAt !== null && data.effectiveAt < metadata.now ? data.effectiveAt : metadata.now;
  const endOf = ({ until }: Grant) => (until !== null && until < asked ? until : asked);
  return [...Map.groupBy(left, endOf)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([at, grants]) =>
      revoked(state.id, grants, { code: 'elevation-ended', at, evidence: null, reason: data.reason }),
    );
}

function given({ data, metadata }: GrantElevation | ExtendElevation, state: AccountState): RolesAssigned[] {
  const { elevation, grant, role, until, sod, evidence, reason } = data;
  if (until <= metadata.now) throw new InvalidGrantEndError(null);
  requireNoSodConflict(role, state, { sod, now: metadata.now });
  const source = {
    kind: 'elevation',
    connection: null,
    connectionVersion: null,
    rule: null,
    ruleVersion: null,
    actor: actorOf(elevation),
  } as const;
  const grants = [{ id: grant, role, source, effectiveAt: metadata.now, until }];
  return [{ type: 'RolesAssigned', data: { account: state.id, grants, evidence, because: [[]], reason } }];
}

const actorOf = (elevation: string): string => `elevation:${elevation}`;
const isOf = (elevation: string, { source }: Grant): boolean =>
  source.kind === 'elevation' && source.actor === actorOf(elevation);

import { v5 as uuidv5 } from 'uuid';
import type { AccountEvent, SodConflictPrevented } from '#libs/contracts';
import {
  type AccountState,
  type Authority,
  accountDecider,
  type ConnectionSnapshot,
  conflictsOf,
  mapIdentity,
  type PresentedIdentity,
  rolesHeld,
  SignInRefusedError,
  type SodRule,
} from '#libs/domain';
import { type CommandMetadata, DomainError, type RecordedEvent, streamName } from '#libs/kernel';
import type { PreviewedRefusal } from '../preview/identity-preview.js';

/** Namespace of the ids of things that are never made (uuid v5). */
const NEVER_MADE = 'b1f4f7c2-6a53-5d0e-8c1b-3e5d7a902f64';

/** A sign-in that nobody makes: somebody says again what they last said. */
export interface SignInAgain {
  readonly tenant: string;
  readonly account: AccountState;
  /** Revision of the account's stream that the state is of. */
  readonly revision: number;
  readonly connection: ConnectionSnapshot;
  readonly presented: PresentedIdentity;
  readonly issuer: string;
  readonly liveRoles: ReadonlySet<string>;
  readonly authority: Authority;
  /** Rules that keep roles back. */
  readonly preventive: readonly SodRule[];
  /** All rules, those included. */
  readonly sod: readonly SodRule[];
  /** ISO-8601 UTC with milliseconds. */
  readonly now: string;
}

/** What it would come to. */
export interface SignedInAgain {
  readonly refusal: PreviewedRefusal | null;
  /** Sorted; against what the account holds now. */
  readonly rolesGained: readonly string[];
  readonly rolesLost: readonly string[];
  /** Policies of segregation of duties that would be violated, or would keep a role back, and are not violated now; sorted. */
  readonly conflicts: readonly string[];
  /** The events that would be recorded, with the account as each leaves it. */
  readonly steps: readonly { readonly event: RecordedEvent & AccountEvent; readonly after: AccountState }[];
}

/**
 * Says what a sign-in of a linked person would come to, by the decider of real ones. Pure.
 * @throws what the decider throws, unless it is a refusal
 */
export function signInAgain(asked: SignInAgain): SignedInAgain {
  const { account, now, sod } = asked;
  const had = rolesHeld(account, now);
  const nothing = { rolesGained: [], rolesLost: [], conflicts: [], steps: [] };
  let events: readonly AccountEvent[];
  try {
    events = decided(asked);
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
    return { ...nothing, refusal: refusalOf(error) };
  }
  const steps = stepsOf(asked, events);
  const has = rolesHeld(steps.at(-1)?.after ?? account, now);
  return {
    refusal: null,
    rolesGained: without(has, had),
    rolesLost: without(had, has),
    conflicts: [...new Set([...policiesAgainst(has, sod), ...keptBackBy(events)])]
      .filter((policy) => !policiesAgainst(had, sod).includes(policy))
      .sort(),
    steps,
  };
}

function decided(asked: SignInAgain): readonly AccountEvent[] {
  const { tenant, account, connection, presented, issuer, liveRoles, authority, preventive, now } = asked;
  return accountDecider.decide(
    {
      type: 'SignIn',
      data: {
        account: account.id,
        found: 'link',
        connection,
        issuer,
        identity: mapIdentity(connection.settings, presented, connection.ownedDomains),
        claims: presented.claims,
        liveRoles,
        authority,
        sod: preventive,
        evidence: uuidv5('evidence', NEVER_MADE),
      },
      metadata: neverGiven(tenant, now),
    },
    account,
  );
}

function stepsOf(
  { tenant, account, revision, now }: SignInAgain,
  events: readonly AccountEvent[],
): SignedInAgain['steps'] {
  const { deriveId: _ids, now: _now, ...metadata } = neverGiven(tenant, now);
  const stream = streamName({ category: 'account', tenant, id: account.id });
  let after = account;
  return events.map((event, index) => {
    const recorded = {
      ...event,
      id: uuidv5(`event/${index}`, NEVER_MADE),
      stream,
      revision: revision + 1 + index,
      tenant,
      schemaVersion: 1,
      recordedAt: now,
      metadata,
    } as RecordedEvent & AccountEvent;
    after = accountDecider.evolve(after, recorded);
    return { event: recorded, after };
  });
}

const policiesAgainst = (roles: readonly string[], rules: readonly SodRule[]): string[] =>
  conflictsOf(roles, rules).map(({ policy }) => policy);

const keptBackBy = (events: readonly AccountEvent[]): string[] =>
  events
    .filter((event): event is SodConflictPrevented => event.type === 'SodConflictPrevented')
    .flatMap(({ data }) => data.conflicts.map(({ policy }) => policy));

const without = (these: readonly string[], those: readonly string[]): string[] =>
  these.filter((role) => !those.includes(role)).sort();

const refusalOf = (error: DomainError): PreviewedRefusal => ({
  code: error.code,
  message: error.message,
  rule: error instanceof SignInRefusedError ? error.rule : null,
});

/** Nothing of it is recorded: no real command is needed. */
function neverGiven(tenant: string, now: string): CommandMetadata {
  const actor = { kind: 'system', id: 'what-if' } as const;
  const commandId = uuidv5('command', NEVER_MADE);
  const deriveId = (name: string) => uuidv5(name, NEVER_MADE);
  return { tenant, actor, commandId, commandDigest: '', correlationId: commandId, now, deriveId };
}

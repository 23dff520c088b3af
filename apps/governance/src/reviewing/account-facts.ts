import { Inject, Injectable } from '@nestjs/common';
import type { AccessRevoked, AccountEvent, GrantSource } from '#libs/contracts';
import {
  type AccountState,
  accountDecider,
  type DecisionFacts,
  fingerprintOf,
  type ReviewItemState,
  standingGrants,
} from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { fold, type RecordedEvent, streamName } from '#libs/kernel';
import { KEYRING, type Keyring, WRITE_PATH, type WritePath } from '#libs/platform';

/** An account as its own stream tells it. */
export interface AccountFacts {
  readonly tenant: string;
  readonly state: AccountState;
  readonly events: readonly (RecordedEvent & AccountEvent)[];
  readonly revision: number;
  /** When it came into being. */
  readonly provisionedAt: string;
}

/** What a question is about. */
export type Question = Pick<ReviewItemState, 'account' | 'grant' | 'role' | 'source' | 'trigger'>;

/** What is true of accounts at the moment of a decision: always from their own streams. */
@Injectable()
export class AccountFactsReader {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(KEYRING) private readonly keyring: Pick<Keyring, 'lookupHmac'>,
  ) {}

  /** Reads an account. @param through as of this revision; absent: as it is now */
  async read(tenant: string, account: string, through?: number): Promise<AccountFacts> {
    const history = await readHistory(this.path, streamName({ category: 'account', tenant, id: account }));
    const all = history.events as readonly (RecordedEvent & AccountEvent)[];
    const events = through === undefined ? all : all.slice(0, through + 1);
    return {
      tenant,
      state: fold(accountDecider, events),
      events,
      revision: events.at(-1)?.revision ?? -1,
      provisionedAt: events[0]?.recordedAt ?? '',
    };
  }

  /** What a decision goes by. */
  decisionFacts(facts: AccountFacts, question: Question): DecisionFacts {
    const { state, revision } = facts;
    const now = this.path.clock.now().toISOString();
    const grant = standingGrants(state, now).find(({ id }) => id === question.grant) ?? null;
    const ended = state.mergedInto !== null;
    return {
      grantOpen: !ended && (grant !== null || standsWithoutGrant(question, state)),
      endedBy: (question.grant === null ? releaseOf(facts) : endOf(facts, question))?.id ?? null,
      grantUntil: grant?.until ?? null,
      fingerprint: this.fingerprint({
        role: question.role,
        grant: question.grant === null ? null : { id: question.grant, source: (grant ?? question).source },
        profile: state.profile,
      }),
      accountRevision: Math.max(0, revision),
    };
  }

  /** The fingerprint of what is certified: a keyed digest, which tells nothing about anybody. */
  fingerprint(of: {
    readonly role: string;
    readonly grant: { readonly id: string; readonly source: GrantSource | null } | null;
    readonly profile: object | string | null;
  }): string {
    return this.keyring.lookupHmac('review-fingerprint', fingerprintOf(of as Parameters<typeof fingerprintOf>[0]));
  }
}

/** What was done in an emergency stands in question although it is over, and a role that is not given as long as it is kept back. */
function standsWithoutGrant({ grant, role, trigger }: Question, { keptBack }: AccountState): boolean {
  if (trigger?.reason === 'breakGlass') return true;
  const conflicts = [...keptBack.values()].flatMap((each) => each.conflicts);
  return grant === null && conflicts.some((conflict) => conflict.keptBack.some((kept) => kept.role === role));
}

/** The event with which a role is not kept back any more, if it is not. */
const releaseOf = ({ events }: AccountFacts): RecordedEvent | null =>
  events.findLast(({ type }) => type === 'SodConflictPrevented') ?? null;

/** The event that ended the grant in question, if one did. */
export function endOf({ events }: AccountFacts, { grant }: Pick<Question, 'grant'>): RecordedEvent | null {
  const ends = (event: RecordedEvent & AccountEvent) =>
    event.type === 'AccessRevoked' && (event as AccessRevoked).data.grants.some(({ id }) => id === grant);
  return grant === null ? null : (events.find(ends) ?? null);
}

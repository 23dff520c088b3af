import { OWN_SOURCE_OF_USE, type UsageReported } from '#libs/contracts';
import { type Command, type Decider, DomainError, instantAfter, type RecordedEvent } from '#libs/kernel';

/** Most uses that one report tells of. */
export const USAGE_ENTRIES_MAX = 1000;

/** How far the clock of a source may be ahead, milliseconds: 5 minutes. */
const AHEAD_MAX_MS = 5 * 60_000;

/** How old a use may be that is told for the first time, milliseconds: 400 days. */
const AGE_MAX_MS = 400 * 86_400_000;

/** Most indexes that a refusal names. */
const NAMED_MAX = 20;

/** A source says when people last used applications or roles. */
export type ReportUsage = Command<
  'ReportUsage',
  Omit<UsageReported['data'], 'usage'> & {
    readonly usage: string;
    /** Which of the accounts named there are, in this tenant. */
    readonly accounts: ReadonlySet<string>;
  }
>;

/** A report is one fact, and the whole stream. */
export interface UsageState {
  readonly reported: boolean;
}

/** Some of the accounts are not of this tenant; nothing of the report was taken. */
export class UsageAccountsUnknownError extends DomainError {
  readonly code = 'usage-accounts-unknown';
  readonly kind = 'unprocessable';
  constructor(indexes: readonly number[]) {
    super(
      `No such accounts in this tenant: ${shown(indexes)}. Nothing of the report was taken; leave these entries out, or name accounts by id.`,
    );
  }
}

/** Some of the uses lie in the future or too far back; nothing of the report was taken. */
export class UsageTimeError extends DomainError {
  readonly code = 'usage-time-refused';
  readonly kind = 'unprocessable';
  constructor(indexes: readonly number[]) {
    super(
      `usedAt must not lie in the future, nor more than 400 days back: ${shown(indexes)}. Nothing of the report was taken; correct or leave out these entries.`,
    );
  }
}

/** The source has the name under which Gatebook itself tells of use. */
export class UsageSourceReservedError extends DomainError {
  readonly code = 'usage-source-reserved';
  readonly kind = 'unprocessable';
  constructor() {
    super(
      `source must not be ${OWN_SOURCE_OF_USE}: under that name Gatebook tells of sign-ins through itself. Choose another name, and the same each time.`,
    );
  }
}

/** Takes a report as a whole, or refuses it as a whole. */
export const usageDecider: Decider<ReportUsage, UsageState, UsageReported> = {
  initialState: { reported: false },
  decide({ data, metadata }, { reported }) {
    if (reported) return [];
    const { accounts, usage, source, entries } = data;
    if (source === OWN_SOURCE_OF_USE) throw new UsageSourceReservedError();
    const unknown = indexesOf(entries, ({ account }) => !accounts.has(account));
    if (unknown.length > 0) throw new UsageAccountsUnknownError(unknown);
    const latest = instantAfter(metadata.now, AHEAD_MAX_MS);
    const earliest = instantAfter(metadata.now, -AGE_MAX_MS);
    const mistimed = indexesOf(entries, ({ usedAt }) => usedAt > latest || usedAt < earliest);
    if (mistimed.length > 0) throw new UsageTimeError(mistimed);
    return [{ type: 'UsageReported', data: { usage, source, entries } }];
  },
  evolve(_, event: RecordedEvent) {
    if (event.type !== 'UsageReported') throw new TypeError(`A report of usage cannot fold ${event.type}.`);
    return { reported: true };
  },
};

function indexesOf<T>(items: readonly T[], refused: (item: T) => boolean): number[] {
  return items.flatMap((item, index) => (refused(item) ? [index] : []));
}

function shown(indexes: readonly number[]): string {
  const named = indexes.slice(0, NAMED_MAX).map((index) => `entries.${index}`);
  return `${named.join(', ')}${indexes.length > NAMED_MAX ? ` and ${indexes.length - NAMED_MAX} more` : ''}`;
}

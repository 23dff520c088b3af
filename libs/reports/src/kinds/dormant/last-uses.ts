import type { AccountAbsorbed } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import { lastSignInsAsOf } from '#libs/read-model';
import { readEventsAbout } from '../../histories/read-histories.js';
import { takenBackUnseen } from '../../histories/sign-ins-taken-back.js';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';

/** Accounts of which one look-up finds what they took over. */
const ACCOUNTS_AT_ONCE = 500;

/** When somebody last used an account. */
export interface LastUse {
  readonly at: Date;
  /** Whether that sign-in was taken back although the read model lets it count: which one was the last, nobody can say. */
  readonly takenBack: boolean;
}

/**
 * When somebody last signed in to accounts at the instant of the question, by account: to itself, or to one that it had taken over by then,
 * whose person goes on with it. Those that nobody ever signed in to are left out.
 * @param accounts at most 250
 */
export async function lastUsesOf(
  source: ReportSource,
  question: Question,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, LastUse>> {
  const merged = await withTakenOver(source, question, accounts);
  const signIns = await lastSignInsAsOf(source.database, question, [...new Set(merged.flatMap((each) => [...each]))]);
  const last = accounts.flatMap((account, index) => {
    const used = newestOf(signIns, merged[index] as ReadonlySet<string>);
    return used ? [{ account, used, at: signIns.get(used) as Date }] : [];
  });
  const takenBack = await takenBackUnseen(source, question, new Map(last.map(({ used, at }) => [used, at])));
  return new Map(last.map(({ account, used, at }) => [account, { at, takenBack: takenBack.has(used) }]));
}

/** Each account with those that it took over, and with those that they had taken over before; few are, since each is by hand. */
async function withTakenOver(
  source: ReportSource,
  question: Question,
  accounts: readonly string[],
): Promise<readonly ReadonlySet<string>[]> {
  const merged = accounts.map((account) => new Set([account]));
  const asking = { ...question, personal: false };
  for (const waiting = [...accounts]; waiting.length > 0; ) {
    const about = { accounts: waiting.splice(0, ACCOUNTS_AT_ONCE), types: ['AccountAbsorbed'] };
    const events = (await readEventsAbout(source, asking, about)) as (SealedEvent & AccountAbsorbed)[];
    for (const { data } of events) {
      const growing = merged.filter((each) => each.has(data.account) && !each.has(data.from));
      for (const each of growing) each.add(data.from);
      if (growing.length > 0) waiting.push(data.from);
    }
  }
  return merged;
}

const newestOf = (signIns: ReadonlyMap<string, Date>, accounts: ReadonlySet<string>): string | undefined =>
  [...accounts]
    .filter((account) => signIns.has(account))
    .sort((a, b) => Number(signIns.get(b)) - Number(signIns.get(a)))[0];

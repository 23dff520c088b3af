import { isDormant } from '#libs/domain';
import { dormantAccounts } from '#libs/read-model';
import { ACCOUNTS_AT_ONCE, afterMsOf, before, type Look, pagesOf } from './looking.js';

/** Accounts that nobody has signed in to for as long as the policy says. */
export const dormantLook: Look = async function* ({ database, now }, watch) {
  if (watch.after === null) return;
  const afterMs = afterMsOf(watch, 0);
  const pages = pagesOf((after) =>
    dormantAccounts(database, { tenant: watch.tenant, before: before(now, afterMs), after, limit: ACCOUNTS_AT_ONCE }),
  );
  for await (const page of pages) {
    const quiet = page.map((each) => ({ ...each, quietSince: each.since.toISOString() }));
    yield quiet
      .filter((each) => isDormant(each, afterMs, now))
      .map(({ account, quietSince, lastSignInAt }) => ({
        code: lastSignInAt === null ? 'never-signed-in' : 'no-sign-in',
        account,
        since: quietSince,
      }));
  }
};

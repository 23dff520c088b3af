import { isStillLost, SILENT_AFTER_MS } from '#libs/domain';
import { orphanAccounts } from '#libs/read-model';
import { ACCOUNTS_AT_ONCE, afterMsOf, before, type Look, pagesOf } from './looking.js';

/** Accounts whose every source is removed, disabled, or silent for as long as the policy says (30 days by itself). */
export const orphanLook: Look = async function* ({ database, catalog, now }, watch) {
  const { tenant } = watch;
  const silentBefore = before(now, afterMsOf(watch, SILENT_AFTER_MS));
  const pages = pagesOf((after) => orphanAccounts(database, { tenant, silentBefore, after, limit: ACCOUNTS_AT_ONCE }));
  for await (const page of pages) {
    const lost = page.filter(({ code, connection }) => {
      const source = catalog.connection(connection);
      return isStillLost(code, source?.tenant === tenant ? source : null);
    });
    yield lost.map(({ account, code, connection }) => ({ code, account, connection }));
  }
};

import { unsponsoredAccounts } from '#libs/read-model';
import { ACCOUNTS_AT_ONCE, type Look, pagesOf } from './looking.js';

/** Service, external and break-glass accounts without sponsor or end; one finding for each thing that is missing. */
export const unsponsoredLook: Look = async function* ({ database }, { tenant }) {
  const pages = pagesOf((after) => unsponsoredAccounts(database, { tenant, after, limit: ACCOUNTS_AT_ONCE }));
  for await (const page of pages)
    yield page.flatMap(({ account, kind, missing }) =>
      missing.map((what) => ({ code: `${what}-missing`, account, details: { accountKind: kind } })),
    );
};

import type { Queryable } from '#libs/database';
import type { Keyring } from '#libs/vault';
import { attributeHmac, identifies } from './identity-key.js';
import { readHolders } from './identity-keys.queries.js';

/** Most principals that are looked up at a time. */
const PRINCIPALS_AT_ONCE = 200;

/** By what people are named. */
const KINDS = ['userName', 'verifiedEmail'] as const;

/** Whom to look for. */
export interface PrincipalsWanted {
  readonly tenant: string;
  /** Directories of the tenant. */
  readonly directories: readonly string[];
  /** userNames or verified e-mail addresses. */
  readonly principals: readonly string[];
}

/** Accounts that a principal leads to: of one kind several, where it is the same in several directories. */
export interface NamedAccounts {
  readonly userName: ReadonlySet<string>;
  readonly verifiedEmail: ReadonlySet<string>;
}

/**
 * Finds the accounts that principals name, by userName and by verified e-mail address, in whichever directory of the tenant. Says nothing
 * about whether an account is active, nor about who vouches for its userName: people may choose that themselves where their source lets them.
 * @returns accounts by principal, as it was asked for; absent where there is none
 */
export async function findPrincipals(
  { database, keyring }: { readonly database: Queryable; readonly keyring: Keyring },
  { tenant, directories, principals }: PrincipalsWanted,
): Promise<ReadonlyMap<string, NamedAccounts>> {
  const found = new Map<string, NamedAccounts>();
  const wanted = [...new Set(principals)].filter(identifies);
  for (let at = 0; at < wanted.length; at += PRINCIPALS_AT_ONCE) {
    const some = wanted.slice(at, at + PRINCIPALS_AT_ONCE);
    const hmacs = some.map((principal) => KINDS.map((kind) => attributeHmac(keyring, tenant, kind, principal)));
    const keys = hmacs.flatMap((each) =>
      KINDS.flatMap((kind, index) =>
        directories.map((directory) => ({ directory, kind, hmac: each[index] as string })),
      ),
    );
    const holders = (await readHolders(database, tenant, keys)).filter(({ confirmed, known }) => confirmed && known);
    some.forEach((principal, nth) => {
      const [userName, verifiedEmail] = KINDS.map((kind, index) => accountsBy(holders, kind, hmacs[nth]?.[index]));
      if (userName && verifiedEmail && userName.size + verifiedEmail.size > 0)
        found.set(principal, { userName, verifiedEmail });
    });
  }
  return found;
}

type Holder = Awaited<ReturnType<typeof readHolders>>[number];

const accountsBy = (holders: readonly Holder[], kind: string, hmac: string | undefined): ReadonlySet<string> =>
  new Set(holders.filter((holder) => holder.kind === kind && holder.hmac === hmac).map(({ accountId }) => accountId));

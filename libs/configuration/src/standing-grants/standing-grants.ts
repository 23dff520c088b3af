import type { Database } from '#libs/database';
import type { Grant } from '#libs/domain';
import type { EventStore } from '#libs/event-store';
import type { VaultCodec } from '#libs/vault';
import { moveCheckpoint, readCheckpoint } from './checkpoint.js';
import { grantChanges, writeGrantChanges } from './grant-changes.js';

/** Names this reader's checkpoint; another name reads everything anew. */
const READER = 'standing-grants.1';

/** Events in one transaction: on the embedded database it makes everybody else wait. */
const PAGE_EVENTS = 500;

/** Accounts in one page of an answer. */
const PAGE_ACCOUNTS = 100;

/** Which grants: all that a connection gave, or all of a role; of one account where it is named. */
export type GrantsOf = { readonly tenant: string; readonly account?: string | undefined } & (
  | { readonly connection: string }
  | { readonly role: string }
);

/** Grants of one account that stand. */
export interface AccountGrants {
  readonly account: string;
  readonly grants: readonly Grant[];
}

/** An account with grants by rules whose end has passed and was not written down yet. */
export interface LapsedGrants {
  readonly tenant: string;
  readonly account: string;
  /** Ids of the grants, sorted. */
  readonly grants: readonly string[];
}

/** What standing grants are read from and kept in. */
export interface StandingGrantsDependencies {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  readonly store: Pick<EventStore, 'head' | 'readLog'>;
  readonly codec: Pick<VaultCodec, 'decodeWithholding'>;
}

/**
 * Who holds grants from which connection or of which role, as the store has it. Kept on the write side, because a change of rules must find
 * everybody whether or not a read model is running; read on only when asked, by any number of processes at once.
 */
export class StandingGrants {
  constructor(private readonly dependencies: StandingGrantsDependencies) {}

  /** Reads on to the store's head as it is now. @returns how far that is */
  async catchUp(): Promise<number> {
    const { database, store, codec } = this.dependencies;
    const head = await store.head();
    let at = await readCheckpoint(database, READER);
    while (at < head) {
      const page = await store.readLog({ after: at, limit: PAGE_EVENTS, categories: ['account', 'signIn'] });
      if (page.through <= at) break;
      const changes = grantChanges(codec.decodeWithholding(page.events));
      const moved = await database.transaction(async (client) => {
        const ours = await moveCheckpoint(client, READER, { from: at, to: page.through });
        if (ours) await writeGrantChanges(client, changes);
        return ours;
      });
      at = moved ? page.through : await readCheckpoint(database, READER);
    }
    return at;
  }

  /** Accounts with such grants, by id, page by page of at most 100; each with those grants and no others. Grants past their end are left out. */
  async *pagesOf(of: GrantsOf, now: string): AsyncIterable<readonly AccountGrants[]> {
    for (let after: string | null = null; ; ) {
      const page: AccountGrants[] = await this.#page(of, after, now);
      const last = page.at(-1);
      if (!last) return;
      yield page;
      after = last.account;
    }
  }

  /** Accounts with grants by rules past their end, of all tenants, page by page of at most 100. Catch up first. */
  async *lapsedPages(now: string): AsyncIterable<readonly LapsedGrants[]> {
    for (let after: LapsedGrants | null = null; ; ) {
      const page: LapsedGrants[] = await this.#lapsed(now, after);
      const last = page.at(-1);
      if (!last) return;
      yield page;
      after = last;
    }
  }

  /** Whether an account was ever linked by a connection, also by hand. Catch up first. */
  async wasLinked(tenant: string, connection: string): Promise<boolean> {
    const { rows } = await this.dependencies.database.query(
      'select 1 from provisioning.linked_connections where tenant = $1 and connection = $2',
      [tenant, connection],
    );
    return rows.length > 0;
  }

  /** The last sign-in of each of the accounts through a connection: account → id of the sign-in's stream. Accounts without one are absent. */
  async lastSignIns(
    tenant: string,
    connection: string,
    accounts: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.dependencies.database.query<{ account: string; sign_in: string }>(
      `select account, sign_in from provisioning.last_sign_ins
        where tenant = $1 and connection = $2 and account = any($3::uuid[])`,
      [tenant, connection, accounts],
    );
    return new Map(rows.map(({ account, sign_in }) => [account, sign_in]));
  }

  /** Who came last through a connection, the latest first: id of the sign-in's stream for each account, at most `limit`. Catch up first. */
  async latestSignIns(
    tenant: string,
    connection: string,
    limit: number,
  ): Promise<readonly { readonly account: string; readonly signIn: string }[]> {
    const { rows } = await this.dependencies.database.query<{ account: string; sign_in: string }>(
      `select account, sign_in from provisioning.last_sign_ins
        where tenant = $1 and connection = $2 order by signed_in_at desc nulls last, account limit $3`,
      [tenant, connection, limit],
    );
    return rows.map(({ account, sign_in: signIn }) => ({ account, signIn }));
  }

  async #lapsed(now: string, after: LapsedGrants | null): Promise<LapsedGrants[]> {
    const { rows } = await this.dependencies.database.query<LapsedGrants & { grants: string[] }>(
      `select tenant, account, array_agg(grant_id::text order by grant_id) as grants
         from provisioning.standing_grants
        where source_kind = 'rule' and until_at <= $1
          and ($2::text is null or (tenant, account) > ($2, $3::uuid))
        group by tenant, account order by tenant, account limit $4`,
      [now, after?.tenant ?? null, after?.account ?? null, PAGE_ACCOUNTS],
    );
    return rows;
  }

  async #page(of: GrantsOf, after: string | null, now: string): Promise<AccountGrants[]> {
    const [column, value] = 'role' in of ? ['role', of.role] : ['connection', of.connection];
    const { rows } = await this.dependencies.database.query<GrantColumns>(
      `select g.* from (
         select distinct account from provisioning.standing_grants
          where tenant = $1 and ${column} = $2 and ($3::uuid is null or account > $3)
            and ($5::uuid is null or account = $5) order by account limit $4
       ) a join provisioning.standing_grants g on g.tenant = $1 and g.account = a.account and g.${column} = $2
        order by g.account, g.effective_at, g.grant_id`,
      [of.tenant, value, after, PAGE_ACCOUNTS, of.account ?? null],
    );
    const byAccount = Map.groupBy(rows, ({ account }) => account);
    return [...byAccount].map(([account, grants]) => ({
      account,
      grants: grants.filter(({ until_at }) => until_at === null || now < until_at).map(grantOf),
    }));
  }
}

interface GrantColumns {
  readonly grant_id: string;
  readonly account: string;
  readonly role: string;
  readonly source_kind: Grant['source']['kind'];
  readonly connection: string | null;
  readonly connection_version: number | null;
  readonly rule: string | null;
  readonly rule_version: number | null;
  readonly effective_at: string;
  readonly until_at: string | null;
}

function grantOf(row: GrantColumns): Grant {
  return {
    id: row.grant_id,
    role: row.role,
    source: {
      kind: row.source_kind,
      connection: row.connection,
      connectionVersion: row.connection_version,
      rule: row.rule,
      ruleVersion: row.rule_version,
      actor: null,
    },
    from: row.effective_at,
    until: row.until_at,
    matched: [],
  };
}

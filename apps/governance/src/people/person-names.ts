import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/database';
import { DATABASE } from '#libs/platform';
import { type AccountName, accountNames } from '#libs/read-model';

/** Most people whose names one page needs: its items with their reviewers. */
const PEOPLE_MAX = 400;

/** What a page says about a person. */
export interface PersonShown {
  readonly account: string;
  readonly name: string;
  readonly title: string | null;
  readonly department: string | null;
}

/** What people are called, for pages that somebody who must know them looks at; never for logs, ids or error texts. */
@Injectable()
export class PersonNames {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Each of the accounts; whoever the read model does not know is called by their id. */
  async of(tenant: string, accounts: Iterable<string>): Promise<(account: string) => PersonShown> {
    const asked = [...new Set(accounts)].slice(0, PEOPLE_MAX);
    const names = asked.length > 0 ? await accountNames(this.database, { tenant, accounts: asked }) : new Map();
    return (account) => shown(account, names.get(account));
  }
}

const shown = (account: string, name: AccountName | undefined): PersonShown => ({
  account,
  name: name?.displayName ?? name?.userName ?? account,
  title: name?.title ?? null,
  department: name?.department ?? null,
});

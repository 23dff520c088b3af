import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/database';
import { DATABASE } from '#libs/platform';
import { findAccount } from '#libs/read-model';

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
    const now = new Date(0).toISOString(); // their roles are not asked for
    const found = await Promise.all(asked.map((account) => findAccount(this.database, { tenant, account, now })));
    const people = new Map(
      found.flatMap((row) => {
        if (row === null) return [];
        const { account, title, department, display_name, user_name } = row;
        return [[account, { account, name: display_name ?? user_name, title, department }] as const];
      }),
    );
    return (account) => people.get(account) ?? { account, name: account, title: null, department: null };
  }
}

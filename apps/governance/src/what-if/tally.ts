import type { HeldGrantDto, WhatIfPersonDto, WhatIfSignInDto } from './what-if.dto.js';

/** Most people, sign-ins and reviewers that one answer lists; it counts all. */
export const LISTED_MAX = 200;

/** Grants that one line names: of each role one, as far as they go. */
const HELD_MAX = 20;

/** The first of many, and how many there are. */
export class Shortlist<T> {
  readonly items: T[] = [];
  total = 0;

  add(item: T): void {
    this.total += 1;
    if (this.items.length < LISTED_MAX) this.items.push(item);
  }
}

type Person = Omit<WhatIfPersonDto, 'name'>;
type SignIn = WhatIfSignInDto;

/** What was found so far. Its size does not depend on how much was looked at. */
export class Tally {
  readonly people = new Shortlist<Person>();
  readonly signIns = new Shortlist<SignIn>();
  readonly notes = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #roles = new Map<string, { gained: number; lost: number }>();
  readonly #asked = new Map<string | null, number>();

  count(what: string, by = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + by);
  }

  /** One line about an account, or about what concerns none. */
  person(person: Partial<Person>): void {
    const blank = {
      account: null,
      code: null,
      rolesGained: [],
      rolesLost: [],
      held: [],
      conflicts: [],
      reviewItems: 0,
    };
    const { held = [], ...rest } = person;
    this.people.add({ ...blank, refusal: { before: null, after: null }, ...rest, held: held.slice(0, HELD_MAX) });
  }

  signIn(signIn: Pick<SignIn, 'event' | 'at' | 'account'> & Partial<SignIn>): void {
    const blank = { rolesGained: [], rolesLost: [], keptBack: [], unmet: [] };
    this.signIns.add({ ...blank, refusal: { before: null, after: null }, ...signIn });
  }

  roles(change: 'gained' | 'lost', roles: readonly string[]): void {
    for (const role of roles) {
      const counts = this.#roles.get(role) ?? { gained: 0, lost: 0 };
      counts[change] += 1;
      this.#roles.set(role, counts);
    }
  }

  /** @param account null: nobody could be found */
  asked(account: string | null, items: number): void {
    this.#asked.set(account, (this.#asked.get(account) ?? 0) + items);
  }

  /** Counts, roles and reviewers, the most concerned first. */
  sums() {
    const reviewers = [...this.#asked]
      .map(([account, items]) => ({ account, items }))
      .sort((a, b) => b.items - a.items);
    return {
      counts: Object.fromEntries(this.#counts),
      roles: [...this.#roles].map(([role, counts]) => ({ role, ...counts })).sort((a, b) => (a.role < b.role ? -1 : 1)),
      reviewers: { total: reviewers.length, items: reviewers.slice(0, LISTED_MAX) },
    };
  }
}

/** A grant as a line names it. */
export type HeldGrant = HeldGrantDto;

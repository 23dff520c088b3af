import * as fc from 'fast-check';
import type { SealedEvent } from '#libs/kernel';
import {
  absorbed,
  assigned,
  confirmed,
  deactivated,
  profileUpdated,
  provisioned,
  reactivated,
  reduced,
  revoked,
} from './account.facts.js';
import { Chronicle } from './chronicle.js';
import { roleChanged, roleDefined } from './configuration.facts.js';
import type { Fact } from './facts.js';
import { type Person, person } from './people.js';
import { seededId } from './seeded-id.js';
import { signedIn, signInRefused } from './sign-in.facts.js';
import { by, byElevation } from './sources.js';

const PEOPLE = [person('Ines', 'Duarte'), person('Kofi', 'Mensah'), person('Lena', 'Horvath', { tenant: 'globex' })];
const ROLES = ['crm.reader', 'crm.admin'];

/** One thing that may happen in a random history; what cannot happen at that point is passed over. */
interface Turn {
  readonly who: number;
  readonly what:
    | 'assign'
    | 'assignFor'
    | 'confirm'
    | 'reduce'
    | 'elevate'
    | 'endElevation'
    | 'absorb'
    | 'revoke'
    | 'suspend'
    | 'rename'
    | 'signIn'
    | 'changeRole';
  readonly role: number;
  readonly minutes: number;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  who: fc.nat(PEOPLE.length - 1),
  what: fc.constantFrom(
    'assign',
    'assignFor',
    'confirm',
    'reduce',
    'elevate',
    'endElevation',
    'absorb',
    'revoke',
    'suspend',
    'rename',
    'signIn',
    'changeRole',
  ),
  role: fc.nat(ROLES.length - 1),
  minutes: fc.integer({ min: 1, max: 20 }),
});

/** Random histories, as they could have happened, of three people in two tenants, with two roles. */
export const randomHistory: fc.Arbitrary<SealedEvent[]> = fc
  .array(turn, { minLength: 1, maxLength: 30 })
  .map((turns) => new Story().tell(turns));

/** Keeps in mind what can happen next. */
class Story {
  readonly #chronicle = new Chronicle();
  readonly #here = new Set<Person>();
  readonly #suspended = new Set<Person>();
  readonly #held = new Map<string, number>();
  readonly #elevated = new Map<string, { readonly nth: number; readonly until: string }>();
  #count = 0;

  tell(turns: readonly Turn[]): SealedEvent[] {
    this.#chronicle.record(...ROLES.flatMap((role) => [roleDefined(role), roleDefined(role, {}, 'globex')]));
    for (const next of turns) this.#chronicle.record(...this.#facts(next));
    return this.#chronicle.events;
  }

  #facts({ who, what, role: index, minutes }: Turn): Fact[] {
    const someone = PEOPLE[who] as Person;
    const role = ROLES[index] as string;
    const nth = ++this.#count;
    if (!this.#here.has(someone)) {
      this.#here.add(someone);
      return [provisioned(someone, { expiresAt: minutes === 20 ? this.#in(10) : null })];
    }
    switch (what) {
      case 'assign':
        return this.#assign(someone, role, nth, null);
      case 'assignFor':
        return this.#assign(someone, role, nth, this.#in(minutes));
      case 'confirm':
        return this.#confirm(someone, role, this.#in(minutes));
      case 'reduce':
        return this.#reduce(someone, role, this.#in(minutes));
      case 'elevate':
        return this.#elevate(someone, role, nth, this.#in(minutes));
      case 'endElevation':
        return this.#endElevation(someone, role);
      case 'absorb':
        return [absorbed(someone, PEOPLE[minutes % PEOPLE.length] as Person)];
      case 'revoke':
        return this.#revoke(someone, role);
      case 'suspend':
        return [this.#suspend(someone)];
      case 'rename':
        return [profileUpdated(someone, { userName: `name-${nth}@${someone.tenant}.example` })];
      case 'signIn':
        return [
          signedIn(someone, 'okta', { nth }),
          ...(minutes > 15 ? [signInRefused(someone, 'account-deactivated', { nth, seed: nth })] : []),
        ];
      case 'changeRole':
        return [roleChanged(role, { privileged: minutes > 10 }, someone.tenant)];
    }
  }

  #assign(someone: Person, role: string, nth: number, until: string | null): Fact[] {
    this.#held.set(`${someone.account} ${role}`, nth);
    return [assigned(someone, role, by('okta', 'engineers'), { nth, until })];
  }

  /** Suspends, or lets count again. */
  #suspend(someone: Person): Fact {
    if (this.#suspended.delete(someone)) return reactivated(someone);
    this.#suspended.add(someone);
    return deactivated(someone);
  }

  #confirm(someone: Person, role: string, until: string): Fact[] {
    const nth = this.#held.get(`${someone.account} ${role}`);
    return nth === undefined ? [] : [confirmed(someone, role, until, { nth })];
  }

  #reduce(someone: Person, role: string, until: string): Fact[] {
    const nth = this.#held.get(`${someone.account} ${role}`);
    return nth === undefined ? [] : [reduced(someone, role, until, { nth })];
  }

  #elevate(someone: Person, role: string, nth: number, until: string): Fact[] {
    const key = `${someone.account} ${role}`;
    if (this.#elevated.has(key)) return [];
    this.#elevated.set(key, { nth, until });
    return [assigned(someone, role, byElevation(seededId('elevation', key, nth)), { nth, until })];
  }

  /** Written down when it is noticed: at once or long after its time, and then as of its time. */
  #endElevation(someone: Person, role: string): Fact[] {
    const key = `${someone.account} ${role}`;
    const elevation = this.#elevated.get(key);
    if (!elevation) return [];
    this.#elevated.delete(key);
    const { nth, until } = elevation;
    const now = this.#in(0);
    return [revoked(someone, role, { nth, code: 'elevation-ended', effectiveAt: until < now ? until : now })];
  }

  #revoke(someone: Person, role: string): Fact[] {
    const nth = this.#held.get(`${someone.account} ${role}`);
    if (nth === undefined) return [];
    this.#held.delete(`${someone.account} ${role}`);
    return [revoked(someone, role, { nth })];
  }

  /** An instant some minutes after the last fact. */
  #in(minutes: number): string {
    const last = this.#chronicle.events.at(-1)?.recordedAt ?? '';
    return new Date(Date.parse(last) + minutes * 60_000).toISOString();
  }
}

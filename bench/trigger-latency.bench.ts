/**
 * How soon a review asks about a privileged grant, and how soon its answer takes effect; on a whole Gatebook in a process of its own, over a
 * PostgreSQL with fsync and over the embedded database. Somebody is given a privileged role by the API, at rates that arrive evenly; from
 * the answer, two people at a time are watched until the API lists the item that asks about it. Then reviewers revoke, one after the other:
 * until the answer, which comes when the grant has ended, and until the API shows the item closed.
 * Baselines of the same run: the same grants, until /access shows them; ending grants by the API, until /access leaves them out.
 * At the end every grant must have exactly one item.
 * Targets: an item listed within 1,000 ms at p95, and a revocation in effect within 500 ms at p95.
 * `npm run bench -- trigger-latency [--seconds 20] [--decisions 100] [--only embedded | postgres]`
 */
import { setTimeout as delay } from 'node:timers/promises';
import { grantId } from '#libs/testing';
import { readArguments } from './support/arguments.js';
import { atRest, GOVERNED_KINDS, type GovernedServer, startGovernedServer } from './support/governed-server.js';
import { PRIVILEGED_ROLE, personOfTenant, roleOf, type TenantSize } from './support/governed-tenant.js';
import { conditions, say } from './support/machine.js';
import { runBenchmark } from './support/run-benchmark.js';
import { quantile, rounded, verdict } from './support/statistics.js';

const { numbers, only } = readArguments(
  {
    seconds: { default: 20, least: 1, most: 600 }, // of each rate
    decisions: { default: 100, least: 10, most: 10_000 },
  },
  GOVERNED_KINDS,
);
/** Grants per second. */
const RATES = [1, 10, 50] as const;
const WARM_UP = 100;
const LISTED_MS = 1_000;
const EFFECT_MS = 500;
/** People who are watched at a time, and how often: more would measure the watching. */
const WATCHED = 2;
const ASK_EVERY_MS = 10;
const PATIENCE_MS = 60_000;

const TRIGGERS = WARM_UP + RATES.reduce((sum, rate) => sum + rate * numbers.seconds, 0);
const SIZE: TenantSize = { people: TRIGGERS + numbers.decisions, managers: 50, grants: 3 };

/** Latencies, milliseconds. */
interface Times {
  readonly measured: number[];
  readonly baseline: number[];
}

interface Item {
  readonly id: string;
  readonly account: string;
  readonly role: string;
  readonly status: string;
}

/** What people go through, each person once. */
class Course {
  #next = 0;

  constructor(private readonly server: GovernedServer) {}

  /** Gives the next person the role. @returns the person, when the answer is there */
  async grant(): Promise<number> {
    const nth = this.#next;
    this.#next += 1;
    const { account } = personOfTenant(nth, SIZE);
    const body = { role: PRIVILEGED_ROLE, reason: 'A benchmark' };
    await this.server.post(`/api/v1/accounts/${account}/grants?tenant=acme`, body);
    return nth;
  }

  /** Grants arrive evenly at a rate. */
  async atRate(perSecond: number, count: number): Promise<Times> {
    const times: Times = { measured: [], baseline: [] };
    let watched = 0;
    const arrive = async () => {
      const nth = await this.grant();
      if (watched >= WATCHED) return;
      watched += 1;
      const [listed, visible] = await Promise.all([
        this.#until(() => this.#itemOf(nth)),
        this.#until(() => this.#holds(nth)),
      ]);
      times.measured.push(listed);
      times.baseline.push(visible);
      watched -= 1;
    };
    const arrivals: Promise<void>[] = [];
    const begun = performance.now();
    for (let n = 0; n < count; n += 1) {
      const early = begun + (n * 1_000) / perSecond - performance.now();
      if (early > 0) await delay(early);
      arrivals.push(arrive());
    }
    await Promise.all(arrivals);
    return times;
  }

  /** Reviewers revoke, one after the other, and in turn somebody ends a grant of somebody else by hand. */
  async decide(count: number): Promise<{ readonly answer: Times; readonly shown: Times }> {
    const answer: Times = { measured: [], baseline: [] };
    const shown: Times = { measured: [], baseline: [] };
    for (let nth = 0; nth < count; nth += 1) {
      const item = await this.#itemOf(nth);
      if (!item) throw new Error('A grant has no item.');
      const reviewer = personOfTenant((nth + 1) % SIZE.managers, SIZE).account;
      const decision = { decision: 'revoke', reason: 'A benchmark', actAs: reviewer };
      answer.measured.push(
        await this.#timed(() => this.server.post(`/api/v1/review-items/${item.id}/decisions?tenant=acme`, decision)),
      );
      shown.measured.push(await this.#until(async () => (await this.#one(item.id)).status === 'closed'));
      const other = personOfTenant(TRIGGERS + nth, SIZE);
      const grant = `/api/v1/accounts/${other.account}/grants/${grantId(other, roleOf(0))}`;
      answer.baseline.push(
        await this.#timed(() => this.server.delete(`${grant}?tenant=acme&withhold=true&reason=benchmark`)),
      );
      shown.baseline.push(await this.#until(async () => !(await this.#rolesOf(TRIGGERS + nth)).includes(roleOf(0))));
    }
    return { answer, shown };
  }

  /** @throws unless each grant given so far has exactly one item */
  async check(): Promise<void> {
    let [items, cursor]: [number, string | null] = [0, ''];
    const accounts = new Set<string>();
    while (cursor !== null) {
      const page: { items: Item[]; nextCursor: string | null } = await this.server.get(
        `/api/v1/review-items?tenant=acme&limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      items += page.items.length;
      for (const { account } of page.items) accounts.add(account);
      cursor = page.nextCursor;
    }
    if (items !== this.#next || accounts.size !== this.#next)
      throw new Error(`${this.#next} grants have ${items} items about ${accounts.size} people.`);
  }

  async #itemOf(nth: number): Promise<Item | undefined> {
    const { account } = personOfTenant(nth, SIZE);
    const path = `/api/v1/review-items?tenant=acme&status=open&account=${account}`;
    return (await this.server.get<{ items: Item[] }>(path)).items.find(({ role }) => role === PRIVILEGED_ROLE);
  }

  #one(id: string): Promise<Item> {
    return this.server.get(`/api/v1/review-items/${id}?tenant=acme`);
  }

  async #holds(nth: number): Promise<boolean> {
    return (await this.#rolesOf(nth)).includes(PRIVILEGED_ROLE);
  }

  async #rolesOf(nth: number): Promise<string[]> {
    const { account } = personOfTenant(nth, SIZE);
    const path = `/api/v1/access?tenant=acme&account=${account}`;
    return (await this.server.get<{ items: { role: string }[] }>(path)).items.map(({ role }) => role);
  }

  async #timed(work: () => Promise<unknown>): Promise<number> {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  }

  /** @returns milliseconds until the answer is something */
  async #until(ask: () => Promise<unknown>): Promise<number> {
    const begun = performance.now();
    for (;;) {
      const there = await ask();
      const ms = performance.now() - begun;
      if (there) return ms;
      if (ms > PATIENCE_MS) throw new Error('What was waited for did not come about within a minute.');
      await delay(ASK_EVERY_MS);
    }
  }
}

const row = (what: string, { measured, baseline }: Times) => ({
  what,
  watched: measured.length,
  'p50 ms': rounded(quantile(measured, 0.5)),
  'p95 ms': rounded(quantile(measured, 0.95)),
  'p99 ms': rounded(quantile(measured, 0.99)),
  'baseline p50 ms': rounded(quantile(baseline, 0.5)),
  'baseline p95 ms': rounded(quantile(baseline, 0.95)),
  'p50 ÷ baseline': rounded(quantile(measured, 0.5) / quantile(baseline, 0.5)),
});

for (const kind of GOVERNED_KINDS.filter((one) => only === null || one === only))
  await runBenchmark(async (afterwards) => {
    const settings = `${numbers.seconds} s per rate, ${numbers.decisions} decisions, ${WATCHED} watched at a time every ${ASK_EVERY_MS} ms`;
    console.log(`\ntrigger-latency, ${kind}: ${conditions(settings)}`);
    const server = await startGovernedServer(kind, SIZE, afterwards);
    if (!server) return;
    const course = new Course(server);
    say(`${kind}: warming up`);
    await course.atRate(20, WARM_UP);
    const rows: ReturnType<typeof row>[] = [];
    for (const rate of RATES) {
      say(`${kind}: ${rate} grants a second`);
      const times = await course.atRate(rate, rate * numbers.seconds);
      rows.push(row(`listed, ${rate} a second`, times));
      verdict(
        `${kind}, grant to listed item at ${rate} a second, p95`,
        quantile(times.measured, 0.95),
        LISTED_MS,
        'ms',
      );
    }
    await atRest(server.pid); // those who were not watched have their items, too
    await course.check();
    say(`${kind}: decisions`);
    const { answer, shown } = await course.decide(numbers.decisions);
    rows.push(row('decision in effect', answer), row('and shown', shown));
    console.table(rows);
    verdict(`${kind}, decision to effect, p95`, quantile(answer.measured, 0.95), EFFECT_MS, 'ms');
  });

import type { EventToAppend } from '#libs/event-store';
import { SEAL_BATCH, sealPending } from '#libs/ledger';
import type { Engine } from '#libs/platform';
import { readPosition } from '#libs/read-model';
import { assigned, by, Chronicle, type Person, person, provisioned, revoked, signedIn } from '#libs/testing';
import { projectionRunner } from './engine-under-test.js';

/** Events of one person: provisioned, eight roles given, four of them taken back, seven sign-ins, each sign-in in a stream of its own. */
export const EVENTS_PER_PERSON = 20;
const ROLES_GIVEN = 8;
const ROLES_TAKEN = 4;
const SIGN_INS = EVENTS_PER_PERSON - 1 - ROLES_GIVEN - ROLES_TAKEN;

/** Appends at a time. */
const CALLERS = 32;
/** People whose events are encoded together, so that their keys are made in one statement. */
const ENCODED_TOGETHER = 50;

/** Events of one stream, from a revision on. */
interface Stretch {
  readonly stream: string;
  readonly after: number;
  readonly events: readonly EventToAppend[];
}

/** Milliseconds that the same events took to be appended, sealed and projected. */
export interface StepTimes {
  readonly append: number;
  readonly seal: number;
  readonly project: number;
}

/** The n-th person of a growing log. */
export const personOfLog = (number: number): Person => person(`Person${number}`, 'Example');

/** Name of a role that everybody has, or has had. */
export const roleOfLog = (nth: number): string => `role-${nth}`;

/** A log of people who come one after the other, each with the same history. */
export class GrowingLog {
  #people = 0;
  #appended = 0;
  /** Of the sealed log, from its first event on. */
  #projected = 0;
  #wakeProjected: () => unknown = () => {};
  readonly #runner;

  constructor(private readonly engine: Engine) {
    this.#runner = projectionRunner(engine, (events) => {
      this.#projected += events;
      this.#wakeProjected();
    });
  }

  get people(): number {
    return this.#people;
  }

  get events(): number {
    return this.#appended;
  }

  /**
   * Lets people come as quickly as can be: everything of a stream in one append, while those before them are sealed and projected.
   * `catchUp` brings the last of them up.
   */
  async grow(people: number): Promise<void> {
    const record = async () => {
      const streams = await this.#encode(people);
      await this.#append([...streams.values()].map((stretch) => [stretch]));
    };
    await Promise.all([record(), this.catchUp()]);
  }

  /** Seals and projects what is there. */
  async catchUp(): Promise<void> {
    await this.#project(await this.#seal());
  }

  /** Lets people come as the product would record them, each event an append of its own, step by step. Encoding is not timed. */
  async step(people: number): Promise<StepTimes> {
    const streams = await this.#encode(people);
    const singly = ({ stream, after, events }: Stretch): Stretch[] =>
      events.map((event, index) => ({ stream, after: after + index, events: [event] }));
    const lists = [...streams.values()].map(singly);
    const append = await timed(() => this.#append(lists));
    let sealedThrough = -1;
    const seal = await timed(async () => {
      sealedThrough = await this.#seal();
    });
    return { append, seal, project: await timed(() => this.#project(sealedThrough)) };
  }

  async #encode(people: number): Promise<Map<string, Stretch>> {
    const streams = new Map<string, Stretch>();
    for (let done = 0; done < people; done += ENCODED_TOGETHER) {
      const count = Math.min(ENCODED_TOGETHER, people - done);
      const history = Array.from({ length: count }, () => historyOfPerson(this.#people++)).flat();
      const encoded = await this.engine.codec.encode(history);
      for (const [index, { stream, revision }] of history.entries()) {
        const { after, events } = streams.get(stream) ?? { after: revision - 1, events: [] };
        streams.set(stream, { stream, after, events: [...events, encoded[index] as EventToAppend] });
      }
    }
    return streams;
  }

  /** Each list in its order; several lists at a time. */
  async #append(lists: readonly (readonly Stretch[])[]): Promise<void> {
    const waiting = lists.values();
    const caller = async () => {
      for (const list of waiting)
        for (const { stream, after, events } of list) {
          await this.engine.store.append(stream, after, events);
          this.#appended += events.length;
        }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  }

  /** @returns the position up to which the log is sealed: all that stood there at the call */
  async #seal(): Promise<number> {
    const { database, store, clock } = this.engine;
    for (;;) {
      const { count, sealedThrough } = await sealPending({ database, store, clock, lease: { guard: async () => {} } });
      if (count < SEAL_BATCH) return sealedThrough;
    }
  }

  /** Runs the runner of the product until it has taken in everything up to that position. */
  async #project(through: number): Promise<void> {
    const ending = new AbortController();
    const done = new Promise<null>((resolve) => {
      this.#wakeProjected = () => this.#projected > through && resolve(null);
      this.#wakeProjected();
    });
    const running = this.#runner.run({ guard: async () => {} }, ending.signal);
    const stop = await Promise.race([done, running]);
    ending.abort();
    await running;
    if (stop) throw new Error(`Projecting stopped: ${stop.reason}`);
    const { position } = await readPosition(this.engine.database);
    if (position < through) throw new Error(`The read model stands at ${position}, not yet at ${through}.`);
  }
}

function historyOfPerson(number: number) {
  const someone = personOfLog(number);
  const chronicle = new Chronicle();
  chronicle.record(provisioned(someone));
  for (let nth = 1; nth <= ROLES_GIVEN; nth += 1)
    chronicle.record(assigned(someone, roleOfLog(nth), by('okta', 'all'), { nth }));
  for (let nth = 1; nth <= ROLES_TAKEN; nth += 1) chronicle.record(revoked(someone, roleOfLog(nth), { nth }));
  for (let nth = 1; nth <= SIGN_INS; nth += 1) chronicle.record(signedIn(someone, 'okta', { nth }));
  return chronicle.events;
}

/** Milliseconds that the work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Most calls of a port that one operation may make; beyond it the sweep has gone astray. */
const CALLS_MAX = 300;

/**
 * What a failing call does to the world: nothing; a part of it; all of it, so that only the answer is lost; or all of it twice, without
 * saying that anything went wrong.
 */
export type Effect = 'none' | 'part' | 'whole' | 'twice';

/** Which call of a port fails, and how. */
export interface FaultPlan {
  /** From 1 on. */
  readonly nth: number;
  readonly effect: Effect;
  /** Whether every later call fails likewise, until the port is healed. */
  readonly lasts: boolean;
}

/** The calls of one port: counts them, and lets the planned ones fail. */
export class Faults {
  #calls = 0;
  #hits = 0;
  #healed = false;

  constructor(private readonly plan: FaultPlan) {}

  /** Calls that failed. */
  get hits(): number {
    return this.#hits;
  }

  /** From now on nothing fails. */
  heal(): void {
    this.#healed = true;
  }

  /** Counts a call. @returns how it fails, null when it does not */
  next(): Effect | null {
    if (this.#healed) return null;
    this.#calls += 1;
    const { nth, effect, lasts } = this.plan;
    if (lasts ? this.#calls < nth : this.#calls !== nth) return null;
    this.#hits += 1;
    return effect;
  }

  /** Makes a call that either has its whole effect or none. @throws what `failure` makes, when it is to fail */
  async call<T>(failure: () => Error, work: () => Promise<T>): Promise<T> {
    const effect = this.next();
    if (effect === null) return work();
    if (effect !== 'none') await work();
    throw failure();
  }
}

/** How a port is made to fail. */
export interface Kind {
  readonly effect: Effect;
  readonly lasts: boolean;
  /** The same for people. */
  readonly inWords: string;
}

const IN_WORDS: Readonly<Record<Effect, string>> = {
  none: 'fails without effect',
  part: 'fails half done',
  whole: 'is done and its answer lost',
  twice: 'is done twice',
};

/** One call fails, with each of these effects in turn. */
export const once = (...effects: readonly Effect[]): Kind[] =>
  effects.map((effect) => ({ effect, lasts: false, inWords: `${IN_WORDS[effect]}, once` }));

/** Every call from one on fails until the port is healed, with each of these effects in turn. */
export const lasting = (...effects: readonly Effect[]): Kind[] =>
  effects.map((effect) => ({ effect, lasts: true, inWords: `${IN_WORDS[effect]}, from there on until healed` }));

/**
 * Lets the first call of a port fail, then the second, and so on, until an attempt comes through without meeting the fault.
 * @returns how many calls were made to fail
 */
export async function sweep(
  kind: Omit<Kind, 'inWords'>,
  attempt: (faults: Faults, nth: number) => Promise<void>,
): Promise<number> {
  for (let nth = 1; nth <= CALLS_MAX; nth += 1) {
    const faults = new Faults({ ...kind, nth });
    await attempt(faults, nth);
    if (faults.hits === 0) return nth - 1;
  }
  throw new Error(`The operation still meets its fault at call ${CALLS_MAX}.`);
}

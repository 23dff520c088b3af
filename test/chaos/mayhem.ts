import { setTimeout as delay } from 'node:timers/promises';
import { type Random, randomFrom } from './random.js';

/** The processes of an installation, each to be killed and brought back by its name. */
export interface Victims {
  /** Ends it at once, as a power cut would (SIGKILL), and starts it again. Resolves when it is ready. */
  killAndRestart(name: string): Promise<void>;
  /** Lets PostgreSQL crash, as after a loss of power, and recover. */
  crashDatabase(): Promise<void>;
  /** Cuts every connection to PostgreSQL. */
  cutConnections(): Promise<void>;
}

/** What to break. */
export interface MayhemOptions {
  readonly victims: Victims;
  /** Names that may be killed. */
  readonly names: readonly string[];
  readonly seconds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Seconds from the beginning of one kill to the next. */
const SECONDS_PER_KILL = 4;

/**
 * Kills a random process every few seconds, each of them at least once where the time allows; in the middle of the run PostgreSQL
 * crashes, and twice all its connections are cut. Resolves when everything is up again, with the number of SIGKILLs.
 */
export async function wreakHavoc({ victims, names, seconds, seed, say }: MayhemOptions): Promise<number> {
  const random = randomFrom(seed);
  const started = performance.now();
  const rounds = Math.ceil(seconds / SECONDS_PER_KILL) - 1; // the first once there is something to lose
  const middle = Math.floor(rounds / 2);
  const recovering = new Map<string, Promise<void>>();
  for (const [round, name] of turns(names, rounds, random).entries()) {
    await delay(Math.max(0, started + (round + 1) * SECONDS_PER_KILL * 1_000 - performance.now()));
    await recovering.get(name); // what is still coming up cannot be killed
    say(`kill -9 ${name}`);
    recovering.set(name, victims.killAndRestart(name));
    if (round === middle) {
      say('PostgreSQL crashes');
      await victims.crashDatabase();
    } else if (round === Math.floor(middle / 2) || round === rounds - 2) {
      say('connections to PostgreSQL are cut');
      await victims.cutConnections();
    }
  }
  await delay(Math.max(0, started + seconds * 1_000 - performance.now()));
  await Promise.all(recovering.values());
  return rounds;
}

/** Everybody's turn in a random order, then everybody's again in another: what takes long to come back gets the time. */
function turns(names: readonly string[], rounds: number, random: Random): string[] {
  let waiting: string[] = [];
  return Array.from({ length: rounds }, () => {
    if (waiting.length === 0) waiting = [...names];
    return waiting.splice(random.below(waiting.length), 1)[0] as string;
  });
}

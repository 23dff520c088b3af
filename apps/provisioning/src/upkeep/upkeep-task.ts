import type { UpkeepSchedule } from '#libs/configuration';

/** Something that is done again and again, by the one process that holds the role. */
export interface UpkeepTask {
  /** Names its appointments and its lines in the log. */
  readonly name: string;
  /** Pause between two looks at what is due, milliseconds. */
  readonly pauseMs: number;
  /** Does what is due, a bounded part of it. Done twice it changes nothing a second time. @throws when some of it failed; the rest was done */
  look(schedule: UpkeepSchedule, signal: AbortSignal): Promise<void>;
}

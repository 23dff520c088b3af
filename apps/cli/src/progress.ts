import type { Terminal } from './command.js';

/** Takes a line of progress off a screen. */
const CLEAR_LINE = '\r\u001b[K';

/** Characters of the bar. */
const WIDTH = 24;

/** Shortest time between two signs of progress, milliseconds: on a screen, and as lines. */
const EVERY_MS = { screen: 100, lines: 5_000 };

/** Something that goes on for a while: how much of it is done. */
export interface Step {
  /** What is being done, such as `rebuild grants, filling`. Another label begins anew. */
  readonly label: string;
  readonly done: number;
  /** Of how many; 0 where that is not known. */
  readonly of: number;
}

/** Shows progress to whoever waits. */
export interface Progress {
  show(step: Step): void;
  /** Leaves the screen clean. */
  end(): void;
}

/**
 * A bar with rate and remaining time on a screen, a line every five seconds otherwise, nothing where JSON was asked for.
 * @param now milliseconds, steadily rising
 */
export function progress(
  { err, isScreen }: Pick<Terminal, 'err' | 'isScreen'>,
  json: boolean,
  now: () => number = () => performance.now(),
): Progress {
  if (json) return { show: () => {}, end: () => {} };
  const every = isScreen ? EVERY_MS.screen : EVERY_MS.lines;
  let begun = { label: '', at: 0, done: 0 };
  let shown = Number.NEGATIVE_INFINITY;
  return {
    show: (step) => {
      const at = now();
      const isNew = step.label !== begun.label;
      if (isNew) begun = { label: step.label, at, done: step.done };
      if (!isNew && at - shown < every) return;
      shown = at;
      const text = lineOf(step, step.done - begun.done, at - begun.at);
      err(isScreen ? `${CLEAR_LINE}${text}` : `${text}\n`);
    },
    end: () => {
      if (isScreen) err(CLEAR_LINE);
    },
  };
}

function lineOf({ label, done, of }: Step, since: number, milliseconds: number): string {
  const share = of > 0 ? Math.min(1, done / of) : 0;
  const rate = milliseconds > 0 ? since / (milliseconds / 1_000) : 0;
  const parts = [
    ...(of > 1 ? [`${bar(share)} ${Math.floor(share * 100)} %`, `${done} of ${of}`] : []),
    ...(rate > 0 && of > 1 ? [`${Math.round(rate)}/s`, `${remaining((of - done) / rate)} left`] : []),
  ];
  return [label, ...parts].join('  ');
}

const bar = (share: number): string => {
  const full = Math.round(share * WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}]`;
};

function remaining(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  return whole < 3_600
    ? `${Math.ceil(whole / 60)} min`
    : `${Math.floor(whole / 3_600)} h ${Math.ceil((whole % 3_600) / 60)} min`;
}

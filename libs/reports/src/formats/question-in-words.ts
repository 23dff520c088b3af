import { grouped } from '../number-words.js';
import type { Question } from '../question.js';
import type { ReportKind } from '../report-kind.js';

/** A line of a list: what it is about, and what there is to say. */
export type Line = readonly [about: string, words: string];

/** What a report was asked, one line each, for people. Says the same for ever. */
export function questionInWords(about: ReportKind['about'], question: Question): readonly Line[] {
  return [
    ['Tenant', question.tenant],
    about === 'instant' ? ['As of', inZone(question.asOf, question)] : ['Period', period(question)],
    ['Known at', knownAt(question.knownAt)],
    ['Conditions', conditions(question)],
    [
      'Personal data',
      question.personal ? 'shown' : 'withheld: [withheld] stands where there is a value, nothing where there is none',
    ],
  ];
}

/** An instant as people read it, still to the millisecond: `2026-06-30 21:59:59.999Z`. */
export const readable = (instant: string): string => instant.replace('T', ' ');

function period({ from, asOf, timeZone }: Question): string {
  const begin = from === null ? 'from the beginning of the log' : `after ${inZone(from, { timeZone })}`;
  return `${begin}, up to and including ${inZone(asOf, { timeZone })}`;
}

function knownAt(position: number): string {
  if (position < 0) return 'an empty log';
  return `position ${grouped(position)} of the sealed log: nothing that was recorded later is taken into account`;
}

function conditions({ filter }: Question): string {
  const words = Object.entries(filter)
    .filter(([, value]) => value !== undefined && value !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} is ${value}`);
  return words.join(' and ') || 'none: everything is in it';
}

/** As the clocks of the zone showed it, and in UTC. */
function inZone(instant: string, { timeZone }: Pick<Question, 'timeZone'>): string {
  if (timeZone === 'UTC') return `${readable(instant.replace('Z', ''))} UTC`;
  const parts = new Intl.DateTimeFormat('en-US', { ...CLOCK, timeZone }).formatToParts(new Date(instant));
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const day = `${part['year']}-${part['month']}-${part['day']}`;
  const time = `${part['hour']}:${part['minute']}:${part['second']}.${part['fractionalSecond']}`;
  return `${day} ${time} in ${timeZone} (${readable(instant)})`;
}

const CLOCK = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
} as const;

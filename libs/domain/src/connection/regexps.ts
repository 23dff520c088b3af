import { RE2JS } from 're2js';
import { workOn } from './work-budget.js';

/** Longest regular expression, in characters. */
export const PATTERN_LENGTH_MAX = 256;
/** Most instructions that an expression may compile to: repetitions make many of a short one. */
export const PROGRAM_SIZE_MAX = 250;
/** Compiled expressions that are kept; beyond it, those that were used longest ago are dropped. More than one person can have use of. */
const KEPT_MAX = 2_000;
/** What it costs to use an expression at all, in units of `WorkBudget`: it may have to be compiled. The same whether or not it was kept. */
export const WORK_PER_PATTERN = 2_000;

/** A regular expression that may be used. */
export interface Pattern {
  readonly regexp: RE2JS;
  /** Instructions that each character may pass through. */
  readonly size: number;
}

type Read = { readonly pattern: Pattern } | { readonly problem: string };

const kept = new Map<string, Pattern | null>();

/**
 * Says what is wrong with a regular expression in the syntax of RE2 (no back-references, no look-around); null when it may be used.
 * One that may be used runs in time linear in the text.
 */
export function regexpProblem(pattern: string): string | null {
  const read = readPattern(pattern);
  return 'problem' in read ? read.problem : null;
}

/** The compiled expression; null for one that may not be used. Compiled once, as long as it is in use. Take `WORK_PER_PATTERN` first. */
export function compiled(pattern: string): Pattern | null {
  const known = kept.get(pattern) ?? readAnew(pattern);
  kept.delete(pattern);
  kept.set(pattern, known);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  return known;
}

function readAnew(pattern: string): Pattern | null {
  if (kept.has(pattern)) return null;
  const read = readPattern(pattern);
  return 'problem' in read ? null : read.pattern;
}

function readPattern(pattern: string): Read {
  if (pattern === '' || pattern.length > PATTERN_LENGTH_MAX)
    return { problem: `must have between 1 and ${PATTERN_LENGTH_MAX} characters` };
  try {
    const regexp = RE2JS.compile(pattern);
    const size = regexp.programSize();
    return size <= PROGRAM_SIZE_MAX
      ? { pattern: { regexp, size } }
      : { problem: 'is too large: use smaller numbers of repetitions, and fewer of them' };
  } catch {
    return {
      problem: 'is not a regular expression in the syntax of RE2, which has no back-references and no look-around',
    };
  }
}

/** What it costs to look through values with an expression, in units of `WorkBudget`. */
export const workOfPattern = ({ size }: Pattern, values: readonly string[]): number => size * workOn(values);

/** Whether the whole text matches. */
export const matchesWhole = ({ regexp }: Pattern, text: string): boolean => regexp.matches(text);

/** What `take` makes of the first match in a text, with `$1` … `$9` for its groups and `$0` for all of it; null without a match. */
export function takeFrom({ regexp }: Pattern, text: string, take: string): string | null {
  const matcher = regexp.matcher(text);
  if (!matcher.find()) return null;
  return take.replace(/\$(\d)/g, (reference, digit) =>
    Number(digit) <= matcher.groupCount() ? (matcher.group(Number(digit)) ?? '') : reference,
  );
}

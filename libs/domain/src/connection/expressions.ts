import type { Expression } from '#libs/contracts';
import type { Claims } from './claims.js';
import { lowerCase } from './lower-case.js';
import { compiled, takeFrom, WORK_PER_PATTERN, workOfPattern } from './regexps.js';
import { spend, WORK_PER_VALUE, type WorkBudget, workBudget, workOn } from './work-budget.js';

/** Deepest nesting of an expression; what lies deeper yields nothing. */
export const EXPRESSION_DEPTH_MAX = 10;
/** Most values that an expression yields; further ones are left out. */
export const VALUES_MAX = 5_000;
/** Longest value, in characters, as claims may have; longer ones that an expression makes are left out. */
export const VALUE_LENGTH_MAX = 8_192;

/** To find a match, and then what its groups hold, costs as much as to look twice; so does lowering what is not ASCII. */
const LOOKS_TWICE = 2;

/**
 * What an expression yields over claims. Undefined: the source did not mention it. Without a value (empty, or nothing but empty texts): it
 * was mentioned and is empty. Total: never an error, whatever the claims hold, in time linear in them and within the budget. A step that
 * the budget has no room for yields undefined, and is counted there as omitted: what the whole expression yields then is not to be used.
 * @param claims with the subject's own name as `nameId`
 */
export function evaluate(
  expression: Expression,
  claims: Claims,
  budget: WorkBudget = workBudget(),
  depth = 1,
): readonly string[] | undefined {
  if (typeof expression === 'string') return claims.get(expression);
  if (depth > EXPRESSION_DEPTH_MAX) return undefined;
  const inner = (part: Expression) => evaluate(part, claims, budget, depth + 1);
  if ('constant' in expression) return [expression.constant];
  if ('lower' in expression) return each(inner(expression.lower), budget, (value) => [lowerCase(value)], LOOKS_TWICE);
  if ('trim' in expression) return each(inner(expression.trim), budget, (value) => [value.trim()]);
  if ('split' in expression) return each(inner(expression.split), budget, (value) => partsOf(value, expression.by));
  if ('firstOf' in expression) return firstOf(expression.firstOf.map(inner), budget);
  if ('regexp' in expression) return taken(expression, inner(expression.of), budget);
  return filledIn(expression.template, claims, budget);
}

/** Cuts a text at a separator, each part trimmed; at most `VALUES_MAX + 1` parts, so that too many can be told. */
export function partsOf(value: string, separator: string): string[] {
  return value.split(separator, VALUES_MAX + 1).map((part) => part.trim());
}

/** Changes every value, at the cost of looking at it so many times. */
function each(
  values: readonly string[] | undefined,
  budget: WorkBudget,
  change: (value: string) => readonly string[],
  looks = 1,
): readonly string[] | undefined {
  return values && spend(budget, looks * workOn(values)) ? changed(values, change) : undefined;
}

function changed(values: readonly string[], change: (value: string) => readonly string[]): readonly string[] {
  const made: string[] = [];
  for (const value of values) {
    for (const part of change(value)) if (part.length <= VALUE_LENGTH_MAX) made.push(part);
    if (made.length >= VALUES_MAX) break;
  }
  return made.slice(0, VALUES_MAX);
}

/** The first with a value; else the first that the source mentioned. */
function firstOf(
  choices: readonly (readonly string[] | undefined)[],
  budget: WorkBudget,
): readonly string[] | undefined {
  const work = choices.reduce((sum, values) => sum + 1 + (values?.length ?? 0), 0);
  if (!spend(budget, work)) return undefined;
  return choices.find((values) => values?.some((value) => value !== '')) ?? choices.find((values) => values);
}

function taken(
  { regexp, take }: { readonly regexp: string; readonly take: string },
  values: readonly string[] | undefined,
  budget: WorkBudget,
): readonly string[] | undefined {
  if (values === undefined) return undefined;
  if (!spend(budget, WORK_PER_PATTERN)) return undefined;
  const pattern = compiled(regexp);
  if (pattern === null) return [];
  if (!spend(budget, LOOKS_TWICE * workOfPattern(pattern, values))) return undefined;
  return changed(values, (value) => {
    const made = takeFrom(pattern, value, take);
    return made === null ? [] : [made];
  });
}

/** A name that was not mentioned, or has no value, leaves no value at all. Whether one was mentioned goes before whether it has a value. */
function filledIn(template: string, claims: Claims, budget: WorkBudget): readonly string[] | undefined {
  let complete = true;
  let text = '';
  // every other part is a name: the expression that splits holds a group
  for (const [index, part] of template.split(/\{([^{}]+)\}/).entries()) {
    const values = index % 2 === 0 ? [part] : claims.get(part);
    if (values === undefined || !spend(budget, WORK_PER_VALUE + values.length)) return undefined;
    const value = index % 2 === 0 ? part : values.find((candidate) => candidate !== '');
    complete &&= value !== undefined && text.length + value.length <= VALUE_LENGTH_MAX;
    if (complete) text += value;
  }
  return complete ? [text] : [];
}

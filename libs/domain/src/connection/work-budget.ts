/**
 * Most work that the expressions and conditions of a connection may cause for one person, at every sign-in: characters looked at, times the
 * instructions of the regular expression that looks at them. At up to 60 ns for each unit, under 100 ms for all but contrived expressions.
 */
export const WORK_MAX = 2_000_000;

/** What a value costs beside its characters. */
export const WORK_PER_VALUE = 8;

/** How much may still be done for one person. Everything that costs takes from the same budget, so that no number of steps goes beyond it. */
export interface WorkBudget {
  left: number;
  /** Steps that were left out because they would have cost more than was left. */
  omitted: number;
}

/** A budget for one person. */
export const workBudget = (left = WORK_MAX): WorkBudget => ({ left, omitted: 0 });

/** Takes work from a budget. False when there is too little left: then nothing is taken, and the step must not be done. */
export function spend(budget: WorkBudget, work: number): boolean {
  if (work > budget.left) {
    budget.omitted += 1;
    return false;
  }
  budget.left -= work;
  return true;
}

/** What it costs to look at every character of values once. */
export const workOn = (values: readonly string[]): number =>
  values.reduce((sum, { length }) => sum + length + WORK_PER_VALUE, 0);

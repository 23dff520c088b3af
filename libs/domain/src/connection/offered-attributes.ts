import type { ConnectionSettings, Expression, Profile } from '#libs/contracts';
import type { Claims } from './claims.js';
import type { OfferedValue } from './conditions.js';
import { evaluate } from './expressions.js';
import type { Judgement } from './rules.js';
import type { WorkBudget } from './work-budget.js';

/** Attributes that every profile has; any other name in a mapping becomes an attribute of the operator's own. */
export const STANDARD_ATTRIBUTES = [
  'userName',
  'displayName',
  'givenName',
  'familyName',
  'email',
  'externalId',
  'employeeNumber',
  'employeeType',
  'title',
  'department',
  'costCenter',
  'manager',
] as const satisfies readonly (keyof Profile)[];

const STANDARD_NAMES: ReadonlySet<string> = new Set(STANDARD_ATTRIBUTES);

/** Most attributes that a mapping and its rules make; what rules set beyond it is left out. With the full name one event can speak of them. */
export const ATTRIBUTES_MAX = 127;

/** Longest full name made of two others, in characters: no longer than what a source may state itself. */
const FULL_NAME_LENGTH_MAX = 8192;

/** Attributes as expressions make them of claims. */
export interface MappedAttributes {
  readonly values: ReadonlyMap<string, OfferedValue>;
  /** Those whose expressions would have been more work than there was room for: nothing is said of them. */
  readonly untold: ReadonlySet<string>;
}

/** Evaluates the expressions of a mapping over claims, in order, within a budget. */
export function mapAttributes(
  mapping: Readonly<Record<string, Expression>>,
  claims: Claims,
  budget: WorkBudget,
): MappedAttributes {
  const values = new Map<string, OfferedValue>();
  const untold = new Set<string>();
  for (const [attribute, expression] of Object.entries(mapping)) {
    const made = valueFor(attribute, expression, claims, budget);
    if (!made.told) untold.add(attribute);
    else if (made.value !== undefined) values.set(attribute, made.value);
  }
  return { values, untold };
}

type Made = { readonly told: true; readonly value: OfferedValue | undefined } | { readonly told: false };

function valueFor(attribute: string, expression: Expression, claims: Claims, budget: WorkBudget): Made {
  const { omitted } = budget;
  const present = evaluate(expression, claims, budget)?.filter((value) => value !== '');
  if (budget.omitted > omitted) return { told: false };
  return { told: true, value: present && STANDARD_NAMES.has(attribute) ? (present[0] ?? null) : present };
}

/**
 * The attributes as mapped, with what rules set over them: of several rules that set the same one, the first that matches decides. Where it
 * cannot be told what a rule would set, or whether it does, nothing is said of the attribute, a user name excepted.
 */
export function withWhatRulesSet(
  { values, untold }: MappedAttributes,
  rules: ConnectionSettings['rules'],
  { claims, judgements }: { readonly claims: Claims; readonly judgements: readonly Judgement[] },
  budget: WorkBudget,
): MappedAttributes {
  const offered = new Map(values);
  const unsaid = new Set(untold);
  const settled = new Set<string>();
  const settle = (attribute: string, made: Made) => {
    if (made.told && (made.value === undefined || (!offered.has(attribute) && offered.size >= ATTRIBUTES_MAX))) return;
    settled.add(attribute);
    if (made.told) offered.set(attribute, made.value as OfferedValue);
    else if (attribute !== 'userName') offered.delete(attribute);
    if (made.told) unsaid.delete(attribute);
    else unsaid.add(attribute);
  };
  rules.forEach(({ set }, index) => {
    const { matched, undecided } = judgements[index] as Judgement;
    if (!matched && !undecided) return;
    for (const [attribute, expression] of Object.entries(set)) {
      if (settled.has(attribute)) continue;
      settle(attribute, undecided ? { told: false } : valueFor(attribute, expression, claims, budget));
    }
  });
  return { values: offered, untold: unsaid };
}

const NAMES = ['givenName', 'familyName'] as const;

/** With a full name made of the others where there is none, unless one of them cannot be told. */
export function withFullName({ values, untold }: MappedAttributes): ReadonlyMap<string, OfferedValue> {
  if (values.has('displayName') || ['displayName', ...NAMES].some((name) => untold.has(name))) return values;
  const names = NAMES.map((name) => values.get(name)).filter((part) => typeof part === 'string');
  const fullName = names.join(' ');
  return names.length > 0 && fullName.length <= FULL_NAME_LENGTH_MAX
    ? new Map(values).set('displayName', fullName)
    : values;
}

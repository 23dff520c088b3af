import { z } from 'zod';
import { name } from './vocabulary.js';

/** Longest name of a claim, of a group or of a value that a condition compares with, in characters. */
const text = z.string().min(1).max(512);

/** Longest regular expression, in characters. It runs in time linear in what it is applied to. */
const pattern = z.string().min(1).max(256);

/** Most parts of a choice or of a combined condition. */
const PARTS_MAX = 50;

/**
 * Where a value comes from: the name of a claim (nested ones are written with dots, `realm_access.roles`; `nameId` is the subject's own
 * name), or what is made of one. Total: a step that finds nothing yields no values, and never an error.
 */
export type Expression =
  | string
  | { readonly constant: string }
  | { readonly lower: Expression }
  | { readonly trim: Expression }
  | { readonly split: Expression; readonly by: string }
  | { readonly firstOf: readonly Expression[] }
  /** `take` may name groups as `$1`; without a match there is no value. */
  | { readonly regexp: string; readonly of: Expression; readonly take: string }
  /** `{name}` stands for the first value of a claim; one that is missing leaves no value at all. */
  | { readonly template: string };

/** The shape of an expression. */
export const expression: z.ZodType<Expression> = z
  .union([
    text,
    z.strictObject({ constant: text }),
    z.strictObject({
      get lower() {
        return expression;
      },
    }),
    z.strictObject({
      get trim() {
        return expression;
      },
    }),
    z.strictObject({
      get split() {
        return expression;
      },
      by: z.string().min(1).max(8),
    }),
    z.strictObject({
      get firstOf() {
        return z.array(expression).min(1).max(PARTS_MAX);
      },
    }),
    z.strictObject({
      regexp: pattern,
      get of() {
        return expression;
      },
      take: text,
    }),
    z.strictObject({ template: text }),
  ])
  .meta({ id: 'expression' });

/** What an attribute is compared with: any of its values will do. */
type Comparison = {
  readonly equals?: string | undefined;
  readonly in?: readonly string[] | undefined;
  readonly matches?: string | undefined;
  readonly present?: boolean | undefined;
};

/** Whom a rule is for. */
export type RuleCondition =
  | 'always'
  | { readonly group: string }
  /** Of the profile, as mapped. Exactly one comparison. */
  | ({ readonly attribute: string } & Comparison)
  /** As the source stated it. Exactly one comparison. */
  | ({ readonly claim: string } & Comparison)
  /** Domain of the e-mail address. */
  | { readonly domain: string }
  /** How the person signed in: `AuthnContextClassRef`, `acr` or `amr`, or an alias of the connection such as `mfa`. */
  | { readonly authenticationContext: string }
  | { readonly all: readonly RuleCondition[] }
  | { readonly any: readonly RuleCondition[] }
  | { readonly not: RuleCondition };

const comparison = {
  equals: text.optional(),
  in: z.array(text).min(1).max(200).optional(),
  matches: pattern.optional(),
  present: z.boolean().optional(),
};

/** The shape of a condition. */
export const ruleCondition: z.ZodType<RuleCondition> = z
  .union([
    z.literal('always'),
    z.strictObject({ group: text }),
    z.strictObject({ attribute: z.string().min(1).max(64), ...comparison }),
    z.strictObject({ claim: text, ...comparison }),
    z.strictObject({ domain: z.string().min(1).max(253) }),
    z.strictObject({ authenticationContext: z.string().min(1).max(1024) }),
    z.strictObject({
      get all() {
        return z.array(ruleCondition).min(1).max(PARTS_MAX);
      },
    }),
    z.strictObject({
      get any() {
        return z.array(ruleCondition).min(1).max(PARTS_MAX);
      },
    }),
    z.strictObject({
      get not() {
        return ruleCondition;
      },
    }),
  ])
  .meta({ id: 'condition' });

/** A rule at its version: what it does to whoever its condition holds for. */
export const mappingRule = z.strictObject({
  id: name,
  version: z.int().positive(),
  when: ruleCondition,
  /** Roles that they hold because of it. */
  grant: z.array(name).max(100),
  /** Profile attributes that it sets, over what `attributes` of the connection says. */
  set: z.record(z.string().max(64), expression),
  /** The directory in which a new account is made, instead of the connection's; the first matching rule that names one. */
  directory: name.nullable(),
  /** Turns them away. */
  refuse: z.boolean(),
});

/** A rule at its version. */
export type MappingRule = z.infer<typeof mappingRule>;

import { z } from 'zod';
import type { Expression, RuleCondition } from '#libs/contracts';
import { type Found, problemsOfCondition, problemsOfExpression } from './mapping-checks.js';
import { attributeName, id, text } from './schema-parts.js';

/** Most attributes that one connection maps. */
const ATTRIBUTES_MAX = 100;

/** A value that is checked by hand: the words of a union say which of its forms it is not, and not what is wrong. */
function checked<T>(problemsOf: (value: unknown) => readonly Found[], title: string): z.ZodType<T, T> {
  const schema = z.unknown().superRefine((value, context) => {
    for (const { path, problem } of problemsOf(value))
      context.addIssue({ code: 'custom', path: [...path], message: problem });
  });
  return schema.meta({ title }) as unknown as z.ZodType<T, T>;
}

const expression = checked<Expression>(problemsOfExpression, 'expression');

const expressionOrNull = checked<Expression | null>(
  (value) => (value === null ? [] : problemsOfExpression(value)),
  'expression or null',
);

/** Whom something is for. */
export const condition = checked<RuleCondition>(problemsOfCondition, 'condition');

/** Profile attribute → where its value comes from; null takes out what a preset maps. */
export const attributes = z
  .record(attributeName, expressionOrNull)
  .refine((mapping) => Object.keys(mapping).length <= ATTRIBUTES_MAX, `must map at most ${ATTRIBUTES_MAX} attributes`)
  .default({ userName: 'nameId' })
  .describe(
    `Profile attribute → claim, or an expression; \`nameId\` stands for the subject’s own name, null takes out what the preset maps. \`userName\` must be mapped. At most ${ATTRIBUTES_MAX}; names that are not standard become attributes of your own.`,
  );

/** A rule as people write it; its version is given to it when it is recorded. */
export const rule = z.strictObject({
  id: id.describe('Unique in the connection. A rule that changes, or comes back, has a new version.'),
  when: condition.describe(
    'Whom the rule is for: `always`, or a condition such as `{ group: NAME }` (its name, where `groups.names` gives one).',
  ),
  grant: z
    .array(id)
    .max(100)
    .default([])
    .describe('Roles of this tenant, built-in ones included, that the rule gives.'),
  set: z
    .record(attributeName, expression)
    .refine((set) => Object.keys(set).length <= ATTRIBUTES_MAX, `must set at most ${ATTRIBUTES_MAX} attributes`)
    .default({})
    .describe('Profile attribute → expression: what the rule sets over what `attributes` says.'),
  directory: id
    .nullable()
    .default(null)
    .describe('The directory in which a new account is made, instead of the connection’s.'),
  refuse: z.boolean().default(false).describe('Whether the rule turns away whom it is for.'),
});

const admissionRule = (does: string) =>
  z.strictObject({
    id: id
      .optional()
      // was given one when the connection was written out
      .transform((name) => name ?? 'unnamed')
      .describe('Names the rule in refusals; where it is left out, one follows from the condition.'),
    when: condition.describe(`Whom the connection ${does}.`),
  });

/** Who comes in at all. */
export const admission = z
  .strictObject({
    requireGroup: z
      .array(text(512))
      .max(50)
      .default([])
      .describe('Groups of which a person must be in one; empty: none is needed.'),
    requireAuthenticationContext: z
      .array(text(1024))
      .max(20)
      .default([])
      .describe(
        'How a person must have signed in, one of: `AuthnContextClassRef`, `acr` or `amr` values, or an alias of `authenticationContexts` such as `mfa`.',
      ),
    allow: z
      .array(admissionRule('admits'))
      .max(100)
      .default([])
      .describe('Where there are any, one must hold, or the person is turned away.'),
    refuse: z
      .array(admissionRule('turns away'))
      .max(100)
      .default([])
      .describe('Who is turned away, whatever else holds.'),
    invitationOnly: z
      .boolean()
      .default(false)
      .describe('Whether only people come in who have an account already: made beforehand, or linked.'),
  })
  .prefault({})
  .describe('Who comes in at all.');

/** How groups are read. */
export const groups = z
  .strictObject({
    attribute: text(512).default('groups').describe('The claim that lists the groups.'),
    whenMissing: z
      .enum(['unknown', 'none'])
      .default('unknown')
      .describe('What it means when the claim is absent: unknown takes no role away, none takes them all.'),
    names: z.record(text(512), text(512)).default({}).describe('Group id → name, for sources that send ids.'),
    split: text(8).nullable().default(null).describe('Cuts one value into several, such as `;`.'),
    strip: text(64).nullable().default(null).describe('Removed at the beginning of every value, such as `/`.'),
    form: z
      .enum(['asIs', 'dn', 'path'])
      .default('asIs')
      .describe('`dn`: of a distinguished name only the first CN; `path`: of a path only what follows the last slash.'),
  })
  .prefault({})
  .describe('How groups are read.');

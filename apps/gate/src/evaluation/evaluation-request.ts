import { z } from 'zod';
import { InvalidRequestError } from '#libs/platform';

/** Most questions in one request. */
export const EVALUATIONS_MAX = 200;

const text = z.string().min(1).max(512);
const properties = z.record(z.string().max(256), z.unknown()).optional();

// What this form does not know may be there all the same (Authorization API 1.0 §5): it is not looked at.
const subject = z.object({ type: text, id: text, properties });
const action = z.object({ name: text, properties });
const resource = z.object({ type: text, id: text, properties });
const context = z.record(z.string().max(256), z.unknown());

const evaluation = z.object({ subject, action, resource, context: context.optional() });

const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;

const evaluations = z.object({
  subject: subject.optional(),
  action: action.optional(),
  resource: resource.optional(),
  context: context.optional(),
  evaluations: z
    .array(
      z.object({
        subject: subject.optional(),
        action: action.optional(),
        resource: resource.optional(),
        context: context.optional(),
      }),
    )
    .max(EVALUATIONS_MAX)
    .optional(),
  options: z.object({ evaluations_semantic: z.enum(SEMANTICS).default('execute_all') }).optional(),
});

/** One question: may this subject do this to this resource? */
export type Evaluation = z.infer<typeof evaluation>;

/** Several questions, and when to stop. */
export interface Evaluations {
  /** Null where the defaults and the question together leave something out. */
  readonly questions: readonly (Evaluation | null)[];
  readonly semantic: (typeof SEMANTICS)[number];
  /** Whether there was a list: without one the answer has the form of a single one. */
  readonly isList: boolean;
}

/** Reads one question. @throws {InvalidRequestError} */
export function readEvaluation(body: unknown): Evaluation {
  return read(evaluation, body);
}

/** Reads several questions: what one leaves out is taken from the defaults beside the list. @throws {InvalidRequestError} */
export function readEvaluations(body: unknown): Evaluations {
  const { evaluations: list, options, ...defaults } = read(evaluations, body);
  const semantic = options?.evaluations_semantic ?? 'execute_all';
  if (!list?.length) return { questions: [read(evaluation, body)], semantic, isList: false };
  const questions = list.map((one) => {
    const given = Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));
    return evaluation.safeParse({ ...defaults, ...given }).data ?? null;
  });
  return { questions, semantic, isList: true };
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new InvalidRequestError(
    parsed.error.issues.slice(0, 20).map(({ path, code }) => ({
      field: path.join('.') || 'body',
      problem: code === 'too_big' ? 'is too long' : 'is missing or of another form',
    })),
  );
}

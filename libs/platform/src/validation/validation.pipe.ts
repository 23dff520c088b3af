import { type ValidationError, ValidationPipe } from '@nestjs/common';
import { type FieldProblem, InvalidRequestError } from '../problem/invalid-request.error.js';

/** Most problems that one answer names; a body with thousands of unknown properties gets the first of them. */
const PROBLEMS_MAX = 50;

/** Longest path of a field that is repeated to the caller, in characters. */
const FIELD_LENGTH_MAX = 120;

interface CodedProblem extends FieldProblem {
  readonly code: string | undefined;
}

/** The one validation of requests: unknown properties are refused, strings become what the DTO says, every problem is named at once. */
export function requestValidation(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    stopAtFirstError: false,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => toInvalidRequest(errors),
  });
}

/** A request with a single wrong field answers that field's own code (`invalid-limit`); any other `invalid-request`. */
export function toInvalidRequest(errors: readonly ValidationError[]): InvalidRequestError {
  const problems = errors.flatMap((error) => problemsOf(error, '')).slice(0, PROBLEMS_MAX);
  const codes = new Set(problems.map(({ code }) => code));
  const [only] = codes;
  const fields = problems.map(({ field, problem }) => ({ field, problem }));
  return codes.size === 1 && only !== undefined
    ? new InvalidRequestError(fields, only)
    : new InvalidRequestError(fields);
}

function problemsOf(error: ValidationError, parent: string): CodedProblem[] {
  const field = pathOf(parent, error.property);
  const own = Object.entries(error.constraints ?? {}).map(([constraint, problem]) => ({
    field: printable(field),
    // The text for unknown properties repeats their names, which have been made printable in `field` only.
    problem: constraint === 'whitelistValidation' ? 'is not known here' : problem,
    code: error.contexts?.[constraint]?.code as string | undefined,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsOf(child, field))];
}

function pathOf(parent: string, property: string): string {
  if (parent === '') return property;
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`;
}

const printable = (field: string): string => field.slice(0, FIELD_LENGTH_MAX).replace(/[^\x20-\x7e]/g, '?');

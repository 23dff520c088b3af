import { STATUS_CODES } from 'node:http';
import { types } from 'node:util';
import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorKind } from '#libs/kernel';
import { HttpRefusalError } from './http-refusal.error.js';
import { type FieldProblem, InvalidRequestError } from './invalid-request.error.js';

/** Body of every refused request: problem details of RFC 9457 with Gatebook's members. */
export interface Problem {
  /** `about:blank`: `code` says what happened (RFC 9457 §4.2.1). */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** Stable, kebab-case: what software should look at. */
  readonly code: string;
  /** What was wrong and what to do, for a person. */
  readonly detail: string;
  /** Also in the header `X-Request-Id` and in the log. */
  readonly requestId: string;
  readonly errors?: readonly FieldProblem[];
  readonly details?: DomainError['details'];
}

/** What to answer to an error. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** The one place where a meaning becomes an HTTP status. */
export const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  stale: 412,
  tooLarge: 413,
  unprocessable: 422,
  limited: 429,
  unavailable: 503,
};

/** Seconds after which a caller may try again when the error does not say. */
const RETRY_AFTER_SECONDS = 1;

/** Codes of refusals by the framework, whose own texts would repeat the request. */
const FRAMEWORK_REFUSALS: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  400: ['invalid-request', 'The request is malformed.'],
  401: ['unauthenticated', 'This address needs a key or a session.'],
  403: ['forbidden', 'You may not do this.'],
  404: ['not-found', 'There is nothing at this address.'],
  405: ['method-not-allowed', 'This address does not know this method.'],
  406: ['not-acceptable', 'There is no answer in a form that you accept.'],
  408: ['request-timeout', 'The request took too long to arrive.'],
  413: ['body-too-large', 'The request is larger than allowed.'],
  415: ['unsupported-media-type', 'Send application/json.'],
  429: ['limited', 'Too many requests; try again later.'],
  503: ['unavailable', 'The server cannot answer now; try again.'],
};

const INTERNAL =
  'Something went wrong here. Nothing more can be said; the request id leads the operator to the log entry.';

/**
 * Turns any error into the answer for its caller. Only errors that are written for callers (domain errors, refusals by HTTP) speak
 * for themselves; of everything else no text is passed on, and it becomes `internal-error` unless it carries a 4xx status.
 */
export function problemOf(error: unknown, requestId: string): ProblemAnswer {
  if (error instanceof DomainError) return ofDomainError(error, requestId);
  if (error instanceof HttpRefusalError) return answer(error.status, error.code, error.message, requestId);
  const [code, detail] = FRAMEWORK_REFUSALS[statusOf(error)] ?? [];
  return code && detail
    ? answer(statusOf(error), code, detail, requestId)
    : answer(500, 'internal-error', INTERNAL, requestId);
}

function ofDomainError(error: DomainError, requestId: string): ProblemAnswer {
  const { problem, headers } = answer(STATUS_OF_KIND[error.kind], error.code, error.message, requestId);
  return {
    problem: {
      ...problem,
      ...(error instanceof InvalidRequestError ? { errors: error.errors } : {}),
      ...(error.details ? { details: error.details } : {}),
    },
    headers: { ...headers, ...headersOf(error) },
  };
}

function answer(status: number, code: string, detail: string, requestId: string): ProblemAnswer {
  const title = STATUS_CODES[status] ?? 'Error';
  return { problem: { type: 'about:blank', title, status, code, detail, requestId }, headers: headersOfStatus(status) };
}

function headersOfStatus(status: number): Record<string, string> {
  if (status === 401) return { 'WWW-Authenticate': 'Bearer' };
  if (status === 413) return { Connection: 'close' }; // whatever of the body is still on its way is not read
  if (status === 429 || status === 503) return { 'Retry-After': String(RETRY_AFTER_SECONDS) };
  return {};
}

/** Headers that an error brings along, such as the challenge of RFC 6750 §3. */
function headersOf(error: DomainError): Readonly<Record<string, string>> {
  return 'headers' in error ? (error.headers as Readonly<Record<string, string>>) : {};
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  // Errors of Express and its middleware carry a status too (a broken address, an aborted request).
  const status = types.isNativeError(error) && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

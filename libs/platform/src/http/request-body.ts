import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { HttpRefusalError } from '../problem/http-refusal.error.js';
import { InvalidRequestError } from '../problem/invalid-request.error.js';

/** Largest JSON body, in bytes. */
export const JSON_BYTES_MAX = 256 * 1024;

/** Largest form, in bytes: an identity provider's answer in base64 is the largest there is. */
export const FORM_BYTES_MAX = 400 * 1024;

/** Largest security event token, in bytes: it names a few people at most. */
export const SECURITY_EVENT_BYTES_MAX = 64 * 1024;

/** Most fields of a form. */
const FORM_FIELDS_MAX = 32;

/** Most levels of lists and objects in a JSON body. */
const DEPTH_MAX = 32;

/** Names of fields that mean something to the language itself. */
const REFUSED_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor']);

/** How a route takes its body. */
export type BodyForm = 'json' | 'form' | 'security-event';

const MEDIA_TYPE: Readonly<Record<BodyForm, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  'security-event': 'application/secevent+jwt',
};

function verify(_request: unknown, _response: unknown, bytes: Buffer): void {
  if (!isUtf8(bytes)) throw new HttpRefusalError(400, 'malformed-utf8', 'The body is not UTF-8.');
}

const PARSERS: Readonly<Record<BodyForm, RequestHandler>> = {
  json: express.json({ limit: JSON_BYTES_MAX, inflate: false, verify }),
  form: express.urlencoded({
    limit: FORM_BYTES_MAX,
    inflate: false,
    extended: false,
    parameterLimit: FORM_FIELDS_MAX,
    verify,
  }),
  'security-event': express.text({
    limit: SECURITY_EVENT_BYTES_MAX,
    inflate: false,
    type: MEDIA_TYPE['security-event'],
    verify,
  }),
};

/** What the body parser's own complaints mean to the caller; by its `type`, which is stable. */
const REFUSALS: Readonly<Record<string, HttpRefusalError>> = {
  'entity.parse.failed': new HttpRefusalError(
    400,
    'malformed-json',
    'The body is not JSON: an object or a list in UTF-8 is expected.',
  ),
  'entity.too.large': new HttpRefusalError(
    413,
    'body-too-large',
    `The body is too large: at most ${JSON_BYTES_MAX} bytes of JSON, or ${FORM_BYTES_MAX} of a form where one is accepted.`,
  ),
  'parameters.too.many': new HttpRefusalError(
    413,
    'body-too-large',
    `The form has more than ${FORM_FIELDS_MAX} fields.`,
  ),
  'encoding.unsupported': new HttpRefusalError(
    415,
    'unsupported-content-encoding',
    'Send the body without Content-Encoding.',
  ),
  'charset.unsupported': new HttpRefusalError(415, 'unsupported-charset', 'Send the body in UTF-8.'),
  'request.size.invalid': new HttpRefusalError(
    400,
    'malformed-body',
    'The body is not as long as its Content-Length says.',
  ),
  'request.aborted': new HttpRefusalError(400, 'malformed-body', 'The body ended early.'),
};

/**
 * Reads a request's body into `request.body`, in the one form that the route takes; without a body it stays undefined.
 * The body is read only here, so an address that does not exist, or a caller who may not, never makes the server parse anything.
 * @throws {HttpRefusalError} 400 `malformed-json` `malformed-utf8` `malformed-body`, 413 `body-too-large`,
 *   415 `unsupported-media-type` `unsupported-charset` `unsupported-content-encoding`
 */
export async function readBody(request: Request, response: Response, form: BodyForm): Promise<void> {
  if (!hasBody(request)) return;
  if (!request.is(MEDIA_TYPE[form])) {
    throw new HttpRefusalError(415, 'unsupported-media-type', `Send the body as ${MEDIA_TYPE[form]}.`);
  }
  const error = await new Promise<unknown>((resolve) => PARSERS[form](request, response, resolve));
  if (error) throw refusalOf(error);
  checkStructure(request.body);
}

/**
 * Walks over a body level by level. Whoever walks it later does so recursively, and must not be led to the end of the stack;
 * and would skip the names refused here without a word.
 */
function checkStructure(body: unknown): void {
  let level: object[] = [body].filter(isObject);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEPTH_MAX)
      throw new HttpRefusalError(400, 'malformed-json', `The body is nested deeper than ${DEPTH_MAX} levels.`);
    const field = level.flatMap(Object.keys).find((name) => REFUSED_NAMES.has(name));
    if (field) throw new InvalidRequestError([{ field, problem: 'is not known here' }]);
    level = level.flatMap((value) => Object.values(value).filter(isObject));
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** RFC 9112 §6.3: a request has a body when one of these headers says so. */
function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function refusalOf(error: unknown): unknown {
  if (error instanceof HttpRefusalError || !(error instanceof Error)) return error;
  return ('type' in error && REFUSALS[String(error.type)]) || error;
}

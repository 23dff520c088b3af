import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Params } from 'nestjs-pino';
import { type Log, serializeError } from './log.js';

/** Paths that are asked every few seconds by machines and say nothing when all is well. */
const QUIET = /^\/(health\/|metrics$)/;

type RequestOfLog = IncomingMessage & { readonly originalUrl?: string };

/** Addresses that are secrets themselves: whoever reads the log must not be able to open them. */
const ONE_TIME_LINK = /^\/setup\/[^/]*/;

/** The path of a request without its query, which may hold filters with personal data, and without the token of a one-time link. */
const pathOf = (request: RequestOfLog): string =>
  (request.originalUrl ?? request.url ?? '').replace(/[?#].*$/s, '').replace(ONE_TIME_LINK, '/setup/[token]');

const nothing = () => undefined;

/** One line per answer and the request's id on every line that is written meanwhile; no query strings, headers or bodies. */
export function requestLog(log: Log): Params<RequestOfLog> {
  return {
    pinoHttp: {
      logger: log,
      quietReqLogger: true,
      customAttributeKeys: { reqId: 'requestId', responseTime: 'durationMs' },
      genReqId: (request) => request.id,
      // The library would log whole requests, and errors with every property they have.
      wrapSerializers: false,
      serializers: { req: nothing, res: nothing, err: serializeError },
      autoLogging: { ignore: (request) => QUIET.test(pathOf(request)) },
      customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'error' : 'info'),
      customSuccessMessage: () => 'answered',
      customErrorMessage: () => 'answered',
      customSuccessObject: (request, response, { durationMs }) => line(request, response, durationMs),
      // The error itself was logged where it was answered.
      customErrorObject: (request, response, _error, { durationMs }) => line(request, response, durationMs),
    },
  };
}

function line(request: RequestOfLog, response: ServerResponse, durationMs: number): object {
  return { method: request.method, path: pathOf(request), status: response.statusCode, durationMs };
}

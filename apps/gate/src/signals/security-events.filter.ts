import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { describeError, type PlatformRequest, problemOf } from '#libs/platform';

/** Codes of RFC 8935, section 2.4, by ours; anything else is `invalid_request`. */
const ERRORS: Readonly<Record<string, string>> = {
  'unknown-key': 'invalid_key',
  'invalid-signature': 'invalid_key',
  'wrong-issuer': 'invalid_issuer',
  'wrong-audience': 'invalid_audience',
  'signal-sender-unknown': 'authentication_failed',
  'signals-not-configured': 'access_denied',
};

/**
 * Answers errors to transmitters of security event tokens: 400 with `err` for a token that is refused, 503 where it could not be looked
 * at, so that the transmitter tries again.
 * @see RFC 8935, section 2.3
 */
@Catch()
export class SecurityEventsFilter implements ExceptionFilter {
  readonly #log = new Logger(SecurityEventsFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { problem, headers } = problemOf(error, http.getRequest<PlatformRequest>().id);
    if (problem.status >= 500)
      this.#log.error({ err: describeError(error) }, 'a security event token could not be looked at');
    const { status, code, detail } = problem;
    const description = `${code}: ${detail}`;
    const response = http.getResponse<Response>().status(status >= 500 ? status : 400);
    const { Connection, 'Retry-After': retryAfter } = headers;
    if (Connection) response.set({ Connection });
    if (retryAfter) response.set({ 'Retry-After': retryAfter });
    response.set({ 'Cache-Control': 'no-store', 'Content-Language': 'en' });
    response.json({ err: ERRORS[code] ?? 'invalid_request', description });
  }
}

import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { describeError, type PlatformRequest, problemOf } from '#libs/platform';

/**
 * Answers errors to OpenID providers: 400 with `error` for a token that is refused, 503 where it could not be looked at, so that the
 * provider tries again.
 * @see OpenID Connect Back-Channel Logout 1.0, section 2.8
 */
@Catch()
export class BackchannelLogoutFilter implements ExceptionFilter {
  readonly #log = new Logger(BackchannelLogoutFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { problem, headers } = problemOf(error, http.getRequest<PlatformRequest>().id);
    if (problem.status >= 500) this.#log.error({ err: describeError(error) }, 'a logout token could not be looked at');
    const status = problem.status >= 500 ? problem.status : 400;
    const body = {
      error: status === 400 ? 'invalid_request' : 'temporarily_unavailable',
      error_description: problem.code,
    };
    http.getResponse<Response>().status(status).set(headers).set('Cache-Control', 'no-store').json(body);
  }
}

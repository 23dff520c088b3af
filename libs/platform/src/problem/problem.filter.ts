import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import type { PlatformRequest } from '../http/platform-request.js';
import { describeError } from '../logging/describe-error.js';
import { problemOf } from './problem.js';

/** Answers every error as problem details, and logs those that are ours. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const { problem, headers } = problemOf(error, requestIdOf(http.getRequest<PlatformRequest>()));
    if (problem.status >= 500) this.log.error({ requestId: problem.requestId, code: problem.code, err: describeError(error) }, 'request failed');
    if (response.headersSent) {
      response.destroy(); // half an answer must not pass for a whole one
      return;
    }
    response.status(problem.status).set(headers).type('application/problem+json').send(JSON.stringify(problem));
  }
}

/** The request's id; none only where the request never got past Node's parser. */
export function requestIdOf(request: Partial<PlatformRequest>): string {
  return request.id ?? 'none';
}

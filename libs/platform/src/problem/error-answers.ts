import { type ArgumentsHost, Injectable, Logger } from '@nestjs/common';
import type { Response } from 'express';
import type { PlatformRequest } from '../http/platform-request.js';
import { describeError } from '../logging/describe-error.js';
import { Pages } from '../pages/pages.js';
import { type Problem, problemOf } from './problem.js';

/** Answers errors, as problem details or as a page, and logs those that are ours. */
@Injectable()
export class ErrorAnswers {
  private readonly log = new Logger('http');

  constructor(private readonly pages: Pages) {}

  send(error: unknown, host: ArgumentsHost, form: 'problem' | 'page'): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const { problem, headers } = problemOf(error, http.getRequest<PlatformRequest>().id);
    if (problem.status >= 500) this.log.error({ code: problem.code, err: describeError(error) }, 'request failed');
    if (response.headersSent) {
      response.destroy(); // half an answer must not pass for a whole one
      return;
    }
    response.set(headers);
    if (form === 'page') this.pages.sendProblem(response, problem);
    else sendProblem(response, problem);
  }
}

function sendProblem(response: Response, problem: Problem): void {
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { PlatformRequest } from '../http/platform-request.js';
import { ErrorAnswers } from './error-answers.js';

/** Answers every error as problem details; only an address that does not exist, mistyped in a browser, as a page. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly answers: ErrorAnswers) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<PlatformRequest>();
    this.answers.send(error, host, error instanceof NotFoundException && prefersPages(request) ? 'page' : 'problem');
  }
}

/** Browsers ask for HTML first; everything else takes what comes. */
function prefersPages(request: PlatformRequest): boolean {
  return (
    request.method === 'GET' &&
    request.accepts(['application/problem+json', 'application/json', 'text/html']) === 'text/html'
  );
}

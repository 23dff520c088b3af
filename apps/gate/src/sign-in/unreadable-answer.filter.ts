import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import {
  describeError,
  ErrorAnswers,
  HttpRefusalError,
  InvalidRequestError,
  type PlatformRequest,
} from '#libs/platform';
import { AnswerRefusals } from './answer-refusals.js';

/** Records answers that were refused before anything of them was looked at: too large, no form, not UTF-8. */
@Catch(HttpRefusalError, InvalidRequestError)
export class UnreadableAnswerFilter implements ExceptionFilter {
  readonly #log = new Logger(UnreadableAnswerFilter.name);

  constructor(
    private readonly answers: ErrorAnswers,
    private readonly refusals: AnswerRefusals,
  ) {}

  async catch(error: HttpRefusalError | InvalidRequestError, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<PlatformRequest>();
    await this.refusals
      .record(request, error)
      .catch((failure: unknown) => this.#log.error({ err: describeError(failure) }, 'a refusal could not be recorded'));
    this.answers.send(error, host, 'page');
  }
}

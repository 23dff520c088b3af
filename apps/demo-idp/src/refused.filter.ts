import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError } from '#libs/kernel';
import { refusedPage } from './pages/refused.page.js';
import { send } from './pages/send.js';

/** Answers a refusal with a page that says what to do. */
@Catch(DomainError)
export class RefusedPage implements ExceptionFilter<DomainError> {
  catch(error: DomainError, host: ArgumentsHost): void {
    const res = host.switchToHttp().getResponse<Response>();
    send(res.status(error.kind === 'conflict' ? 409 : 400), refusedPage(error));
  }
}

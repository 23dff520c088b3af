import { type ArgumentsHost, applyDecorators, Catch, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { ApiExtension, ApiProduces } from '@nestjs/swagger';
import { PAGES_EXTENSION } from '../openapi/error-responses.js';
import { ErrorAnswers } from '../problem/error-answers.js';

/** Answers the errors of routes for people as pages, with the same status and code as the API. */
@Catch()
export class PageErrorFilter implements ExceptionFilter {
  constructor(private readonly answers: ErrorAnswers) {}

  catch(error: unknown, host: ArgumentsHost): void {
    this.answers.send(error, host, 'page');
  }
}

/** The route, or every route of the controller, is for people: its errors are pages. */
export const ErrorsAsPages = (): MethodDecorator & ClassDecorator =>
  applyDecorators(UseFilters(PageErrorFilter), ApiExtension(PAGES_EXTENSION, true), ApiProduces('text/html'));

import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Response } from 'express';
import type { PlatformRequest } from '#libs/platform';
import { INTERACTION_PATH, OpProvider } from './op.provider.js';

/** Hands requests below `/op` to the protocol engine, except those for our own pages. */
@Injectable()
export class OpMiddleware implements NestMiddleware {
  constructor(private readonly provider: OpProvider) {}

  use(request: PlatformRequest, response: Response, next: NextFunction): void {
    if (request.originalUrl.startsWith(`${INTERACTION_PATH}/`)) {
      next();
      return;
    }
    this.answer(request, response).catch(next);
  }

  private async answer(request: PlatformRequest, response: Response): Promise<void> {
    const { answer } = await this.provider.current();
    const whole = request.url;
    request.url = request.originalUrl.replace(/^\/op/, '') || '/';
    await answer(request, response);
    request.url = whole;
  }
}

import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { SignInMetrics, type SignInResult } from '#libs/platform';

/** Under which name an answer says by which protocol the sign-in came. */
export const PROTOCOL = 'gatebook:protocol';

/** Counts how sign-ins end, by what the browser was told: the one place that every way through a sign-in passes. */
@Injectable()
export class SignInCount implements NestMiddleware {
  constructor(private readonly metrics: SignInMetrics) {}

  use(_request: Request, response: Response, next: NextFunction): void {
    response.once('close', () => this.metrics.ended(resultOf(response), protocolOf(response)));
    next();
  }
}

/** Whoever knows the connection says its protocol; requests that name none are counted as SAML, whose address says so itself. */
const protocolOf = ({ locals }: Response): Parameters<SignInMetrics['ended']>[1] => locals[PROTOCOL] ?? 'saml';

/** A browser that left before it was answered has not come in. */
function resultOf({ statusCode, writableEnded }: Response): SignInResult {
  if (!writableEnded) return 'failed';
  if (statusCode < 400) return 'accepted';
  if (statusCode === 503) return 'unavailable';
  return statusCode < 500 ? 'refused' : 'failed';
}

import { type CanActivate, type ExecutionContext, Inject, Injectable, Optional } from '@nestjs/common';
import { ENVIRONMENT } from '../engine/tokens.js';
import type { Environment } from '../environment/environment.js';
import type { PlatformRequest } from '../http/platform-request.js';
import { CsrfRefusedError } from './auth.errors.js';
import { equalInConstantTime } from './bearer-token.js';
import { CSRF_FIELD, CSRF_HEADER, CSRF_KEY, csrfTokenOf } from './csrf.js';

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A write by cookie must come from a page of this installation: its Origin is ours, and it carries the session's CSRF token.
 * Keys are exempt, since no browser sends them by itself. Stands behind the authentication and the body guards.
 */
@Injectable()
export class CsrfGuard implements CanActivate {
  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Optional() @Inject(CSRF_KEY) private readonly key?: Buffer,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<PlatformRequest>();
    if (request.caller?.via !== 'session' || SAFE_METHODS.has(request.method)) return true;
    if (this.comesFromOurPage(request) && this.carriesToken(request)) return true;
    throw new CsrfRefusedError();
  }

  /** Browsers send Origin with every write; those that hide it say by Fetch Metadata whether the page was ours. */
  private comesFromOurPage(request: PlatformRequest): boolean {
    const origin = request.get('origin');
    return origin === undefined
      ? request.get('sec-fetch-site') === 'same-origin'
      : origin === this.environment.publicUrl;
  }

  private carriesToken(request: PlatformRequest): boolean {
    const offered: unknown = request.get(CSRF_HEADER) ?? request.body?.[CSRF_FIELD];
    if (!this.key || request.sessionToken === undefined || typeof offered !== 'string') return false;
    return equalInConstantTime(offered, csrfTokenOf(this.key, request.sessionToken));
  }
}

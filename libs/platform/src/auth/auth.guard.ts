import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { PlatformRequest } from '../http/platform-request.js';
import { ROUTE_ACCESS, type RouteAccess } from './access.decorators.js';
import { InvalidKeyError, MissingKeyError, MissingScopeError } from './auth.errors.js';
import { AUTHENTICATORS, type Authenticator } from './authenticator.port.js';
import type { Caller } from './caller.js';

/**
 * Lets nobody through unless the route says who may: `@Public()`, or `@RequireScopes(…)` and a caller who has them.
 * A route that says nothing is for nobody.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(AUTHENTICATORS) private readonly authenticators: readonly Authenticator[],
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<PlatformRequest>();
    const caller = await this.callerOf(request);
    if (access === undefined)
      throw new TypeError(`${context.getClass().name} has a route without @RequireScopes() or @Public().`);
    const missing = access.filter((scope) => !caller.scopes.has(scope));
    if (missing.length > 0) throw new MissingScopeError(missing);
    request.caller = caller;
    return true;
  }

  private async callerOf(request: PlatformRequest): Promise<Caller> {
    for (const authenticator of this.authenticators) {
      const caller = await authenticator.authenticate(request);
      if (caller) return caller;
    }
    throw request.headers.authorization === undefined ? new MissingKeyError() : new InvalidKeyError();
  }
}

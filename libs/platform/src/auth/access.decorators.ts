import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import type { Scope } from '#libs/contracts';
import type { PlatformRequest } from '../http/platform-request.js';
import type { Caller } from './caller.js';

/** Metadata that says who may use a route. */
export const ROUTE_ACCESS = 'gatebook:route-access';

/** Who may use a route: everybody, or callers with all of the scopes. */
export type RouteAccess = 'public' | readonly Scope[];

/** The route (or every route of the controller) is for callers who have all of these scopes; with none, for every known caller. */
export const RequireScopes = (...scopes: Scope[]): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ROUTE_ACCESS, scopes), ApiBearerAuth('key'), ApiSecurity('session'));

/** The route (or every route of the controller) asks nobody for a key or a session. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(ROUTE_ACCESS, 'public');

/**
 * Injects who calls.
 * @throws {TypeError} on a public route, where nobody asked
 */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<PlatformRequest>();
  if (!caller) throw new TypeError('@CurrentCaller() is for routes with @RequireScopes().');
  return caller;
});

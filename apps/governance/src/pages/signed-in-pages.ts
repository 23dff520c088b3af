import { type ArgumentsHost, applyDecorators, Catch, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { DomainError } from '#libs/kernel';
import { type Caller, ErrorAnswers, type PlatformRequest, RequireScopes } from '#libs/platform';

/** A page was asked for with a key, or by nobody. */
export class SessionRequiredError extends DomainError {
  readonly code = 'session-required';
  readonly kind = 'unauthenticated';
  constructor() {
    super('This page is for people who are signed in. Keys use the API under /api/v1.');
  }
}

/** Leads whoever is not signed in to the sign-in page, and back afterwards; every other error is a page. */
@Catch()
export class SignInFirstFilter implements ExceptionFilter {
  constructor(private readonly answers: ErrorAnswers) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<PlatformRequest>();
    const isUnknown = error instanceof DomainError && error.kind === 'unauthenticated';
    const login = `/login?${new URLSearchParams({ returnTo: returnToOf(request) })}`;
    if (isUnknown && !request.headers.authorization) http.getResponse<Response>().redirect(303, login);
    else this.answers.send(error, host, 'page');
  }
}

/** A form that was sent too late is not sent again after signing in: the list that it belongs to is shown instead. */
function returnToOf({ method, path, originalUrl }: PlatformRequest): string {
  return method === 'GET' ? originalUrl : path.split('/').slice(0, 2).join('/');
}

/** Every route of the controller is a page for whoever is signed in, with the CSRF check of the platform on its forms. */
export const SignedInPages = (): ClassDecorator =>
  applyDecorators(RequireScopes(), UseFilters(SignInFirstFilter), ApiExcludeController());

/** Who is signed in. @throws {SessionRequiredError} when it is a key */
export function personSignedIn({ actor, tenant, via }: Caller): { readonly account: string; readonly tenant: string } {
  if (via !== 'session' || tenant === null) throw new SessionRequiredError();
  return { account: actor.id, tenant };
}

import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { DomainError } from '#libs/kernel';
import {
  AUTHENTICATORS,
  type Authenticator,
  CATALOG,
  MissingKeyError,
  MissingScopeError,
  type PlatformRequest,
  tenantFor,
} from '#libs/platform';
import { ApplicationPeople } from '../op/application-people.js';

/** On whose behalf questions are answered. */
export interface Asking {
  readonly tenant: string;
  /** The only application that may be asked about; null: any of the tenant. */
  readonly application: string | null;
}

/** The client's id or secret is not right. */
export class InvalidClientCredentialsError extends DomainError {
  readonly code = 'invalid-client';
  readonly kind = 'unauthenticated';
  readonly headers = { 'WWW-Authenticate': 'Basic realm="access"' };
  constructor() {
    super('There is no enabled client with this id and secret.');
  }
}

/** Knows who asks: an API key that may read, about its whole tenant; or a client by its own credentials, about its application. */
@Injectable()
export class EvaluationCallers {
  constructor(
    private readonly people: ApplicationPeople,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(AUTHENTICATORS) private readonly authenticators: readonly Authenticator[],
  ) {}

  /** @param tenant `context.tenant` of the request, which an installation key may have to name */
  async identify(request: PlatformRequest, tenant: unknown): Promise<Asking> {
    const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.get('authorization') ?? '')?.[1];
    if (basic !== undefined) return this.#byClient(basic);
    return this.#byKey(request, typeof tenant === 'string' ? tenant : undefined);
  }

  /** Id and secret are form-encoded within the header (RFC 6749 §2.3.1). */
  async #byClient(basic: string): Promise<Asking> {
    const [id = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    const [clientId, secret] = [decoded(id), decoded(rest.join(':'))];
    const client = clientId === null ? null : await this.people.client(clientId);
    if (!client || secret === null || !(await this.people.isSecret(client.id, secret)))
      throw new InvalidClientCredentialsError();
    return { tenant: client.tenant, application: client.settings.rolesOf };
  }

  async #byKey(request: PlatformRequest, requested: string | undefined): Promise<Asking> {
    for (const authenticator of this.authenticators) {
      const caller = await authenticator.authenticate(request);
      if (caller?.via !== 'key') continue;
      if (!caller.scopes.has('audit:read') && !caller.scopes.has('admin')) throw new MissingScopeError(['audit:read']);
      const tenants = (await this.catalog.current()).tenants().map(({ id }) => id);
      return { tenant: tenantFor(caller, requested, tenants), application: null };
    }
    throw new MissingKeyError();
  }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    return null;
  }
}

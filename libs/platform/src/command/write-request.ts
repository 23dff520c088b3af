import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { Clock, CommandMetadata } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import type { Caller } from '../auth/caller.js';
import { tenantFor } from '../auth/tenant-for.js';
import { CATALOG, CLOCK, KEYRING } from '../engine/tokens.js';
import type { PlatformRequest } from '../http/platform-request.js';
import { commandMetadata } from './command-metadata.js';

/** Turns what a request says of itself into a command's metadata: tenant, caller, idempotency. */
@Injectable()
export class WriteRequests {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(KEYRING) private readonly keyring: Keyring,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The tenant that a request is about. @throws {NotFoundError | TenantRequiredError} */
  async tenant(caller: Caller, requested: string | undefined): Promise<string> {
    const tenants = (await this.catalog.current()).tenants().map(({ id }) => id);
    return tenantFor(caller, requested, tenants);
  }

  /** Metadata for a command about a tenant. @throws {IdempotencyKeyRequiredError | InvalidIdempotencyKeyError} */
  metadata(caller: Caller, request: PlatformRequest, body: unknown, tenant: string): CommandMetadata {
    const idempotencyKey = request.get('idempotency-key');
    return commandMetadata({ caller, request, body, idempotencyKey, tenant, keyring: this.keyring, clock: this.clock });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Catalog } from '#libs/catalog';
import { type AccountState, ConnectionNotFoundError, newProfile, STANDARD_ATTRIBUTES } from '#libs/domain';
import type { Outcome } from '#libs/event-store';
import type { IdentityKeys } from '#libs/identity';
import { type CommandMetadata, DomainError } from '#libs/kernel';
import { CATALOG, IDENTITY_KEYS } from '#libs/platform';
import { RunAccountCommand } from './account-command.handler.js';
import type { NewAccountDto } from './accounts.dto.js';

/** No such directory in this tenant. */
export class DirectoryNotFoundError extends DomainError {
  readonly code = 'directory-not-found';
  readonly kind = 'invalid';
  constructor() {
    super('This tenant has no such directory.');
  }
}

/** Makes accounts by hand: claims every key of the person first, so that nobody is there twice. */
@Injectable()
export class AccountCreation {
  constructor(
    private readonly commands: CommandBus,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(IDENTITY_KEYS) private readonly keys: IdentityKeys,
  ) {}

  /** @throws {IdentityKeyTakenError | DirectoryNotFoundError | ConnectionNotFoundError} */
  async create(body: NewAccountDto, metadata: CommandMetadata): Promise<Outcome<AccountState>> {
    const { tenant, commandId } = metadata;
    const links = body.links ?? [];
    await this.#checkReferences(tenant, body.directory, links);
    const account = metadata.deriveId('account');
    const { userName, externalId } = body;
    await this.keys.claimFor({
      tenant,
      directory: body.directory,
      accountId: account,
      commandId,
      userName,
      externalId,
      links,
    });
    const profile = newProfile(new Map(STANDARD_ATTRIBUTES.map((attribute) => [attribute, body[attribute] ?? null])));
    const data = {
      account,
      directory: body.directory,
      kind: body.kind ?? 'person',
      sponsor: body.sponsor ?? null,
      expiresAt: body.expiresAt ?? null,
      profile,
      links: links.map(({ connection, subject }) => ({ connection, subject })),
      reason: body.reason,
    } as const;
    return this.commands.execute(new RunAccountCommand(account, { type: 'ProvisionByHand', data, metadata }));
  }

  async #checkReferences(tenant: string, directory: string, links: readonly { connection: string }[]): Promise<void> {
    const catalog = await this.catalog.current();
    if (!catalog.tenant(tenant)?.settings?.directories.some(({ id }) => id === directory))
      throw new DirectoryNotFoundError();
    const known = new Set(catalog.connections(tenant).map(({ id }) => id));
    if (links.some(({ connection }) => !known.has(connection))) throw new ConnectionNotFoundError();
  }
}

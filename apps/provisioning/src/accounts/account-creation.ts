import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Catalog } from '#libs/catalog';
import type { ConnectionSettings } from '#libs/contracts';
import {
  type AccountState,
  ConnectionNotFoundError,
  comparableSubject,
  newProfile,
  STANDARD_ATTRIBUTES,
} from '#libs/domain';
import type { Outcome } from '#libs/event-store';
import type { IdentityKeys } from '#libs/identity';
import { type CommandMetadata, DomainError, streamName } from '#libs/kernel';
import {
  CATALOG,
  type Caller,
  IDENTITY_KEYS,
  RunAccountCommand,
  WRITE_PATH,
  type WritePath,
  wasCarriedOut,
} from '#libs/platform';
import type { LinkDto, NewAccountDto } from './accounts.dto.js';
import { WaysIn } from './ways-in.js';

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
    @Inject(WRITE_PATH) private readonly path: WritePath,
    private readonly ways: WaysIn,
  ) {}

  /**
   * Identities that are joined to it from the beginning need what joining them later needs.
   * @throws {IdentityKeyTakenError | DirectoryNotFoundError | ConnectionNotFoundError | ScopeExceededError}
   */
  async create(
    body: NewAccountDto,
    { caller, metadata }: { readonly caller: Caller; readonly metadata: CommandMetadata },
  ): Promise<Outcome<AccountState>> {
    const { tenant, commandId } = metadata;
    const { directory, userName, externalId } = body;
    const links = await this.#comparable(tenant, directory, body.links ?? []);
    await this.ways.requireReach(caller, [], links, metadata.now);
    const account = metadata.deriveId('account');
    const stream = streamName({ category: 'account', tenant, id: account });
    if (!(await wasCarriedOut(this.path, stream, commandId)))
      await this.keys.claimFor({ tenant, directory, accountId: account, commandId, userName, externalId, links });
    const profile = newProfile(new Map(STANDARD_ATTRIBUTES.map((attribute) => [attribute, body[attribute] ?? null])));
    const data = {
      account,
      directory,
      kind: body.kind ?? 'person',
      sponsor: body.sponsor ?? null,
      expiresAt: body.expiresAt ?? null,
      profile,
      links,
      reason: body.reason,
    } as const;
    return this.commands.execute(new RunAccountCommand(account, { type: 'ProvisionByHand', data, metadata }));
  }

  /** The links as their connections compare them; directory and connections must be the tenant's own. */
  async #comparable(tenant: string, directory: string, links: readonly LinkDto[]) {
    const catalog = await this.catalog.current();
    if (!catalog.tenant(tenant)?.settings?.directories.some(({ id }) => id === directory))
      throw new DirectoryNotFoundError();
    const known = new Map(catalog.connections(tenant).map(({ id, settings }) => [id, settings]));
    return links.map(({ connection, subject }) => ({
      connection,
      subject: comparableSubject(settingsOf(known, connection), subject.trim()),
    }));
  }
}

function settingsOf(known: ReadonlyMap<string, ConnectionSettings | null>, connection: string): ConnectionSettings {
  const settings = known.get(connection);
  if (!settings) throw new ConnectionNotFoundError();
  return settings;
}

import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { Catalog, InTenant } from '#libs/catalog';
import type { ConnectionSettings } from '#libs/contracts';
import {
  admit,
  type ConnectionState,
  type MappedIdentity,
  mapIdentity,
  mayCreateAccounts,
  mayLink,
  ownedDomains,
  preventiveRulesFrom,
  type SignIn,
  SignInRefusedError,
  strangerRefused,
} from '#libs/domain';
import { deriveId, eventId } from '#libs/event-store';
import type { IdentityKeys } from '#libs/identity';
import { streamName } from '#libs/kernel';
import { CATALOG, CLOCK, type Clock, IDENTITY_KEYS, KEYRING, type Keyring } from '#libs/platform';
import { presented, recordedClaims } from './stated-claims.js';
import { UnknownConnectionError } from './unknown-connection.error.js';
import type { VerifiedSignIn } from './verified-sign-in.js';

/** Namespace of the command ids of sign-ins (a random uuid, fixed for good). */
const SIGN_IN_NAMESPACE = '0c7f5b8e-5f2b-4c9c-8a55-0a9f1f6f2f63';

/** A sign-in whose person is known: which account it is about, and everything that the decision needs. */
export interface Decided {
  readonly command: SignIn;
  readonly stream: string;
  readonly connection: ConnectionState & { readonly settings: ConnectionSettings };
  /** Where the account lives, or is made. */
  readonly directory: string;
}

/** Names the command of a sign-in: the same assertion through the same connection is the same command, however often it arrives. */
export function signInCommandId(connection: string, assertionId: string): string {
  return uuidv5(`${connection}\n${assertionId}`, SIGN_IN_NAMESPACE);
}

/** Maps an assertion, admits the person, and finds out which account they are, claiming their keys if they are new. */
@Injectable()
export class SignInPreparation {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(IDENTITY_KEYS) private readonly keys: IdentityKeys,
    @Inject(KEYRING) private readonly keyring: Keyring,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {SignInRefusedError} and the identity keys' own refusals */
  async prepare(signIn: VerifiedSignIn): Promise<Decided> {
    const catalog = await this.catalog.current();
    const connection = catalog.connection(signIn.connection);
    if (!connection || connection.settings === null) throw new UnknownConnectionError();
    const { settings, tenant, version } = connection;
    if (!connection.enabled || connection.status !== 'present') throw new SignInRefusedError('connection-disabled');
    const { evidence: proof } = signIn.identity;
    const owned = ownedDomains(connection);
    const identity = mapIdentity(settings, presented(signIn.identity), owned);
    admit(settings, identity);

    const commandId = signInCommandId(signIn.connection, proof.assertionId);
    const found = await this.#find(connection, settings, identity, commandId);
    if (found.how === 'none') throw refusedUnknown(settings, identity);
    const { accountId, how, directory } = found;
    const commandDigest = this.keyring.lookupHmac('command', signIn.connection, proof.assertionSha256);
    const evidenceStream = streamName({ category: 'signIn', tenant, id: commandId });
    const evidence = eventId({ commandId, commandDigest }, evidenceStream, 0);
    const now = this.clock.now().toISOString();
    const { directories } = catalog.tenant(tenant)?.settings ?? { directories: [] };
    return {
      stream: streamName({ category: 'account', tenant, id: accountId }),
      connection: { ...connection, settings },
      directory,
      command: {
        type: 'SignIn',
        data: {
          account: accountId,
          found: how === 'linked-by-rule' ? ruleFor(settings) : how,
          connection: { id: signIn.connection, version, settings, ownedDomains: owned },
          issuer: proof.issuer,
          identity,
          claims: recordedClaims(signIn.identity, settings),
          liveRoles: catalog.liveRoles(tenant),
          authority: directories.find(({ id }) => id === directory)?.authority ?? {},
          sod: preventiveRulesFrom(catalog, { tenant, account: accountId, now }),
          evidence,
        },
        metadata: {
          tenant,
          actor: { kind: 'account', id: accountId },
          commandId,
          commandDigest,
          correlationId: signIn.requestId,
          causationId: evidence,
          traceparent: signIn.traceparent,
          now,
          deriveId: (name) => deriveId(commandId, name),
        },
      },
    };
  }

  #find(
    connection: InTenant<ConnectionState>,
    settings: ConnectionSettings,
    identity: MappedIdentity,
    commandId: string,
  ) {
    const { offered, subject, emailVerified } = identity;
    const text = (attribute: string) => {
      const value = offered.get(attribute);
      return typeof value === 'string' ? value : undefined;
    };
    return this.keys.resolve({
      tenant: connection.tenant,
      directory: identity.directory,
      connection: connection.id,
      subject,
      linking: mayLink(settings, identity, ownedDomains(connection)) ? settings.linking : 'none',
      userName: text('userName'),
      externalId: text('externalId'),
      verifiedEmail: emailVerified ? text('email') : undefined,
      unverifiedEmail: emailVerified ? undefined : text('email'),
      update: settings.jit.update,
      proposedAccountId: deriveId(commandId, 'account'),
      commandId,
      mayCreate: mayCreateAccounts(settings) && identity.directoryUndecided === null,
    });
  }
}

/** Why nobody is made of somebody who has no account; where it cannot be told in which directory they belong, that is why. */
function refusedUnknown(settings: ConnectionSettings, { directoryUndecided }: MappedIdentity): SignInRefusedError {
  return mayCreateAccounts(settings) && directoryUndecided !== null
    ? new SignInRefusedError('groups-unknown', null, directoryUndecided)
    : strangerRefused(settings);
}

/** By which rule a subject is joined. Without one, only a link that the account has on record counts. */
function ruleFor({ linking }: ConnectionSettings): SignIn['data']['found'] {
  return linking === 'none' ? 'link' : linking;
}

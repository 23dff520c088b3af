import { Injectable } from '@nestjs/common';
import { OAuth2Client, OidcClient, type VerifiedIdentity } from '#libs/federation';
import type { KnownConnection } from '../settings/known-connection.js';
import { ProtocolSettings } from '../settings/protocol-settings.js';
import type { TransactionSecrets } from '../sign-in/transaction-secrets.js';
import { GroupsLookUp } from './groups-look-up.js';

/** What a request promises, and its answer has to bear. */
export type CodeRequest = TransactionSecrets & { readonly state: string; readonly now: Date };

/** The authorization code flow, with ID tokens (OpenID Connect) or without (OAuth 2.0). */
@Injectable()
export class CodeSignIns {
  constructor(
    private readonly settings: ProtocolSettings,
    private readonly oidc: OidcClient,
    private readonly oauth2: OAuth2Client,
    private readonly groups: GroupsLookUp,
  ) {}

  /** Looks up secrets and keys, so that a transaction is begun only for a connection that has them. @returns writes the address */
  async prepare(
    connection: KnownConnection,
    { contexts, anew }: { readonly contexts: readonly string[]; readonly anew: boolean },
  ): Promise<(request: CodeRequest) => Promise<string>> {
    if (connection.settings.protocol === 'oauth2') {
      const settings = await this.settings.oauth2(connection);
      return async (request) => (await this.oauth2.begin(settings, request)).url;
    }
    const settings = await this.settings.oidc(connection);
    const asked = { ...(contexts.length > 0 ? { acrValues: contexts } : {}), forceAuthentication: anew };
    return async (request) => (await this.oidc.begin(settings, { ...request, ...asked })).url;
  }

  /** Redeems and verifies what came back. @throws {OidcRefusedError} and {ProviderUnreachableError} */
  async finish(
    connection: KnownConnection,
    answer: CodeRequest & { readonly callbackUrl: URL },
  ): Promise<VerifiedIdentity> {
    if (connection.settings.protocol === 'oauth2')
      return this.oauth2.finish(await this.settings.oauth2(connection), answer);
    const identity = await this.oidc.finish(await this.settings.oidc(connection), answer);
    return identity.groupsOverage ? this.groups.complete(connection, identity) : identity;
  }
}

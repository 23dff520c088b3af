import { Injectable } from '@nestjs/common';
import { type AuthnRequestInput, createAuthnRequest } from '#libs/federation';
import type { KnownConnection } from '../settings/known-connection.js';
import { ProtocolSettings } from '../settings/protocol-settings.js';

type Message = Awaited<ReturnType<typeof createAuthnRequest>>;

/** Requests to sign in at a SAML identity provider. */
@Injectable()
export class SamlRequests {
  constructor(private readonly settings: ProtocolSettings) {}

  /** Looks up everything that can fail, so that a transaction is begun only for a request that can be written. */
  async prepare(
    connection: KnownConnection,
    { contexts, anew }: { readonly contexts: readonly string[]; readonly anew: boolean },
  ): Promise<(input: AuthnRequestInput) => Promise<Message>> {
    const settings = await this.settings.saml(connection);
    const asked = {
      ...(contexts.length > 0 ? { requestedAuthnContext: contexts } : {}),
      ...(anew ? { forceAuthn: true } : {}),
    };
    return (input) => createAuthnRequest(settings, { ...input, ...asked });
  }
}

import { randomUUID } from 'node:crypto';
import {
  buildIdentityProviderMetadata,
  buildSamlResponse,
  createIdentityProviderKey,
  type IdentityProviderKey,
  readAuthnRequest,
  type SamlResponseSpec,
} from '#libs/saml-idp';
import type { Choice, Origin } from './choice.js';
import { UnknownServiceProviderError } from './demo-idp.errors.js';
import { addresses, type DemoIdpOptions, type ServiceProvider } from './demo-idp.options.js';
import { loadOrCreateKey } from './key-file.js';
import type { SentAnswer } from './misbehaviours.js';
import { attributesOf, nameIdOf } from './people.js';

/** How long the application may keep its session, milliseconds. */
const SESSION_MS = 8 * 3_600_000;

/** Whom an answer goes to; without `requestId` the sign-in starts here. */
export interface Asked {
  readonly serviceProvider: ServiceProvider;
  readonly requestId: string | undefined;
}

/** Answers the known service providers about the sample people. Remembers the last answer about each, to replay it. */
export class IdentityProvider {
  // At most one entry for each service provider and person.
  private readonly sent = new Map<string, SentAnswer>();
  private stranger: Promise<IdentityProviderKey> | undefined;

  private constructor(
    readonly options: DemoIdpOptions,
    private readonly key: IdentityProviderKey,
  ) {}

  static async open(options: DemoIdpOptions): Promise<IdentityProvider> {
    return new IdentityProvider(options, await loadOrCreateKey(options.dataDir, options.clock.now()));
  }

  metadata(): string {
    const { idpEntityId, ssoUrl } = addresses(this.options);
    return buildIdentityProviderMetadata({ entityId: idpEntityId, ssoUrl, certificatePem: this.key.certificatePem });
  }

  /**
   * Finds out who asks, and that they may.
   * @throws {UnknownServiceProviderError | AuthnRequestError}
   */
  asked({ samlRequest, serviceProvider }: Origin): Asked {
    if (samlRequest === undefined) return { serviceProvider: this.known(serviceProvider), requestId: undefined };
    const request = readAuthnRequest({ SAMLRequest: samlRequest });
    if (request.destination !== undefined && request.destination !== addresses(this.options).ssoUrl) {
      throw new UnknownServiceProviderError('The request is meant for another identity provider');
    }
    return { serviceProvider: this.known(request.issuer, request.acsUrl), requestId: request.id };
  }

  /** Writes the Response about the chosen person, wrong in the chosen way. */
  async answer(asked: Asked, { person, misbehaviour }: Choice): Promise<string> {
    const slot = `${asked.serviceProvider.acsUrl} ${person.id}`;
    const context = { last: this.sent.get(slot), strangersKey: () => this.strangersKey() };
    const correct = this.spec(asked, person);
    const spec = (await misbehaviour.spec?.(correct, context)) ?? correct;
    const signed = buildSamlResponse(spec);
    const xml = misbehaviour.xml?.(signed, context) ?? signed;
    if (misbehaviour.id !== 'replay') this.sent.set(slot, { xml, assertionId: spec.assertionId });
    return xml;
  }

  private spec({ serviceProvider, requestId }: Asked, person: Choice['person']): SamlResponseSpec {
    const now = this.options.clock.now();
    return {
      key: this.key,
      idpEntityId: addresses(this.options).idpEntityId,
      acsUrl: serviceProvider.acsUrl,
      audience: serviceProvider.spEntityId,
      requestId,
      responseId: `_${randomUUID()}`,
      assertionId: `_${randomUUID()}`,
      nameId: nameIdOf(person),
      attributes: attributesOf(person),
      now,
      sessionIndex: `_${randomUUID()}`,
      sessionNotOnOrAfter: new Date(now.getTime() + SESSION_MS),
      // Nothing ties an unsolicited answer to a request, so its envelope is signed too.
      sign: requestId === undefined ? 'both' : 'assertion',
    };
  }

  private known(spEntityId: string | undefined, acsUrl?: string): ServiceProvider {
    const found = this.options.serviceProviders.find(
      (known) => known.spEntityId === spEntityId && (acsUrl === undefined || known.acsUrl === acsUrl),
    );
    if (!found) throw new UnknownServiceProviderError('The application or the address for the answer is unknown');
    return found;
  }

  private strangersKey(): Promise<IdentityProviderKey> {
    this.stranger ??= createIdentityProviderKey({ commonName: 'A stranger', now: this.options.clock.now() });
    return this.stranger;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { type Profile, SAML } from '@node-saml/node-saml';
import { AbstractStrategy } from '@node-saml/passport-saml/lib/strategy.js';
import type { Catalog } from '#libs/catalog';
import { SignInRefusedError } from '#libs/domain';
import {
  SamlRefusedError,
  type SamlSettings,
  SamlVerifier,
  type VerificationJob,
  type VerifiedAssertion,
} from '#libs/federation';
import {
  CATALOG,
  CLOCK,
  type Clock,
  clientNetwork,
  type PlatformRequest,
  SignInMetrics,
  Tracing,
} from '#libs/platform';
import { known } from '../settings/known-connection.js';
import { ProtocolSettings } from '../settings/protocol-settings.js';
import { PendingSignIns, type UnderWay } from '../sign-in/pending-sign-ins.js';
import { UnknownConnectionError } from '../sign-in/unknown-connection.error.js';

/** What a verified answer of an identity provider leaves in `request.user`. */
export interface SamlUser {
  readonly connection: string;
  readonly assertion: VerifiedAssertion;
  /** The sign-in that this browser began; null where the identity provider began it. */
  readonly transaction: UnderWay | null;
}

/** node-saml as passport-saml drives it, but with the verification in our own worker threads and behind our own checks. */
class GuardedSaml extends SAML {
  constructor(
    settings: SamlSettings,
    private readonly verify: (samlResponse: string) => Promise<SamlUser>,
  ) {
    super({
      issuer: settings.spEntityId,
      callbackUrl: settings.acsUrl,
      entryPoint: settings.ssoUrl,
      idpCert: [...settings.certificates],
    });
  }

  override async validatePostResponseAsync({
    SAMLResponse,
  }: Record<string, string>): Promise<{ profile: Profile; loggedOut: false }> {
    const user = await this.verify(SAMLResponse ?? '');
    const { issuer, nameId } = user.assertion;
    return {
      profile: { issuer, nameID: nameId.value, nameIDFormat: nameId.format ?? '', user },
      loggedOut: false,
    };
  }
}

type Verified = (error: Error | null, user?: Record<string, unknown>) => void;

/** passport-saml's own way through a POSTed response; it asks for the SAML service of the request's connection. */
class PerConnectionStrategy extends AbstractStrategy {
  static override readonly newSamlProviderOnConstruct = false;
  servedBy: ((request: PlatformRequest) => Promise<GuardedSaml>) | null = null;

  constructor(_options: object, verify: (request: PlatformRequest, profile: Profile | null, done: Verified) => void) {
    super(
      { passReqToCallback: true, idpCert: '', issuer: '', callbackUrl: '' },
      verify as never,
      (() => undefined) as never,
    );
  }

  override authenticate(request: never, options: never): void {
    // only what was posted counts: a response in the address would be read by another binding, and without any response
    // passport-saml would begin a sign-in of its own
    const posted = (request as PlatformRequest).body as { SAMLResponse?: unknown } | undefined;
    const readable =
      typeof posted?.SAMLResponse === 'string' &&
      posted.SAMLResponse !== '' &&
      !('SAMLResponse' in (request as PlatformRequest).query);
    if (!readable) {
      this.error(
        new SamlRefusedError({
          code: 'malformed-response',
          message: 'There is no SAMLResponse in this form.',
          evidence: null,
        }),
      );
      return;
    }
    this.servedBy?.(request).then(
      (saml) => super.authenticate.call(Object.assign(Object.create(this), { _saml: saml }), request, options),
      (error: Error) => this.error(error),
    );
  }
}

/** Turns a posted SAML response into a verified assertion, bound to the browser and the connection that it belongs to. */
@Injectable()
export class SamlStrategy extends PassportStrategy(
  PerConnectionStrategy as unknown as new (
    options: object,
  ) => PerConnectionStrategy,
  'saml',
) {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly settings: ProtocolSettings,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly verifier: SamlVerifier,
    private readonly pending: PendingSignIns,
    private readonly metrics: SignInMetrics,
    private readonly tracing: Tracing,
  ) {
    super({});
    metrics.showVerificationQueue(() => verifier.waiting);
    this.servedBy = (request) => this.#samlOf(request);
  }

  /** Called by passport with what the verification found. */
  validate(_request: PlatformRequest, profile: (Profile & { user: SamlUser }) | null): SamlUser | null {
    return profile?.user ?? null;
  }

  async #samlOf(request: PlatformRequest): Promise<GuardedSaml> {
    const id = String(request.params['connection']);
    const connection = known((await this.catalog.current()).connection(id));
    if (connection?.settings.protocol !== 'saml') throw new UnknownConnectionError();
    // looked up once: what the answer was checked against is what it belongs to
    const { RelayState } = request.body as { RelayState?: unknown };
    const transaction = await this.pending.of(request, id, RelayState);
    if (!connection.enabled && !transaction?.testOf) throw new SignInRefusedError('connection-disabled');
    const settings = await this.settings.saml(connection);
    return new GuardedSaml(settings, async (samlResponse) => {
      const pendingRequestId = transaction?.requestId ?? null;
      const job = { settings, samlResponse, pendingRequestId, now: this.clock.now() };
      const assertion = await this.#verify(job, clientNetwork(request.ip ?? ''));
      return { connection: id, assertion, transaction };
    });
  }

  async #verify(job: VerificationJob, source: string): Promise<VerifiedAssertion> {
    try {
      return await this.tracing.span('verify SAML response', {}, () => this.verifier.verify(job, source));
    } catch (error) {
      if (error instanceof SamlRefusedError && error.code === 'verification-timeout')
        this.metrics.verificationTimedOut();
      throw error;
    }
  }
}

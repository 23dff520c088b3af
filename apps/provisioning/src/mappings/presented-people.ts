import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { InTenant } from '#libs/catalog';
import { oidcSettingsOf, recordedIdentity, StandingGrants, samlSettingsOf } from '#libs/configuration';
import type { ConnectionSettings, SignedIn } from '#libs/contracts';
import type { ConnectionState, PresentedIdentity } from '#libs/domain';
import type { Egress } from '#libs/egress';
import { checkIdToken, IssuerKeys, SamlVerifier, samlIdentityOf, type VerifiedIdentity } from '#libs/federation';
import { streamName } from '#libs/kernel';
import {
  CLOCK,
  type Clock,
  EGRESS,
  ENVIRONMENT,
  type Environment,
  InvalidRequestError,
  KEY_PAIRS,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import type { KeyPairs } from '#libs/vault';
import type { MappingPreviewDto, PreviewVerificationDto } from './mapping-preview.dto.js';
import { presentedClaims } from './presented-claims.js';

/** Somebody to try a mapping on. */
export interface Presented {
  readonly identity: PresentedIdentity;
  readonly issuer: string;
  /** The account, where it is on record whose sign-in it was. */
  readonly account: string | null;
}

/** Whom a preview is about, and what was found about what they presented. */
export interface PresentedPeople {
  readonly source: 'response' | 'idToken' | 'claims' | 'lastSignIns';
  readonly verification: PreviewVerificationDto | null;
  readonly people: readonly Presented[];
}

type Known = InTenant<ConnectionState>;

/** Finds the people of a preview: in a capture, in claims, or on record. */
@Injectable()
export class PeopleOfPreviews implements OnApplicationShutdown {
  #verifier: SamlVerifier | null = null;
  readonly #keys: IssuerKeys;

  constructor(
    private readonly standing: StandingGrants,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(EGRESS) private readonly egress: Egress,
    @Inject(KEY_PAIRS) private readonly keyPairs: KeyPairs,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#keys = new IssuerKeys(egress.fetch);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#verifier?.close();
  }

  /** @throws {InvalidRequestError} unless exactly one source is named, and one that the protocol of the connection has */
  async of(body: MappingPreviewDto, state: Known, settings: ConnectionSettings): Promise<PresentedPeople> {
    const sources = (['response', 'idToken', 'claims', 'lastSignIns'] as const).filter(
      (name) => body[name] !== undefined,
    );
    const [source] = sources;
    if (sources.length !== 1 || source === undefined)
      throw wrong('response', 'exactly one of response, idToken, claims and lastSignIns must be there');
    const now = body.at === undefined ? this.clock.now() : new Date(body.at);
    if (source === 'response') return this.#response(body.response ?? '', state, settings, now);
    if (source === 'idToken') return this.#idToken(body.idToken ?? '', state, settings, now);
    if (source === 'lastSignIns') return this.#recorded(state, body.lastSignIns ?? 0);
    const identity = presentedClaims(body.claims ?? {});
    const people = [{ identity, issuer: 'preview', account: null }];
    return { source, verification: { accepted: null, checks: [] }, people };
  }

  async #response(
    response: string,
    { id, tenant }: Known,
    settings: ConnectionSettings,
    now: Date,
  ): Promise<PresentedPeople> {
    if (settings.saml === null) throw wrong('response', 'the connection does not speak SAML');
    const pairs = settings.saml.encryption === 'refuse' ? [] : await this.keyPairs.all(tenant, 'saml-sp-encryption');
    const keys = { signingKey: null, decryptionKeys: pairs.map(({ privateKeyPem }) => privateKeyPem) };
    const saml = { ...samlSettingsOf(id, settings, this.environment.publicUrl, keys), signRequests: false };
    this.#verifier ??= new SamlVerifier({ threads: 1 });
    const { accepted, checks, assertion } = await this.#verifier.explain({ settings: saml, response, now });
    const people = assertion ? [presentedOf(samlIdentityOf(assertion))] : [];
    return { source: 'response', verification: { accepted, checks }, people };
  }

  async #idToken(token: string, { id }: Known, settings: ConnectionSettings, now: Date): Promise<PresentedPeople> {
    const { oidc } = settings;
    if (oidc === null) throw wrong('idToken', 'the connection does not speak OpenID Connect');
    const { publicUrl } = this.environment;
    // nothing is exchanged: no secret of the client is needed
    const surroundings = { publicUrl, clientSecret: null, privateKey: null };
    const settingsOfToken = { ...oidcSettingsOf(id, oidc, surroundings), tokenEndpointAuthMethod: 'none' } as const;
    const keys = await this.#keysOf(id, oidc.issuer, now);
    const { accepted, checks, identity } = await checkIdToken(token, settingsOfToken, { at: now, ...keys });
    const people = identity ? [presentedOf(identity)] : [];
    return { source: 'idToken', verification: { accepted, checks }, people };
  }

  /** Nothing where the provider does not answer: then the signature is told to be unchecked. */
  async #keysOf(connection: string, issuer: string, now: Date) {
    try {
      const address = `${issuer.replace('{tenantid}', 'organizations').replace(/\/$/, '')}/.well-known/openid-configuration`;
      const response = await this.egress.fetch(address, { headers: { accept: 'application/json' } });
      const { jwks_uri: uri } = (await response.json()) as { readonly jwks_uri?: unknown };
      return typeof uri === 'string' ? { jwks: this.#keys.of(connection, uri, now) } : {};
    } catch {
      return {};
    }
  }

  async #recorded({ id, tenant }: Known, limit: number): Promise<PresentedPeople> {
    await this.standing.catchUp();
    const latest = await this.standing.latestSignIns(tenant, id, limit);
    const streams = latest.map(({ signIn }) => streamName({ category: 'signIn', tenant, id: signIn }));
    const { store, codec } = this.path;
    const stored = await Promise.all(streams.map(async (stream) => (await store.readStream(stream, { limit: 1 }))[0]));
    const events = await codec.decode(stored.filter((event) => event !== undefined));
    const people = events.flatMap((event) => {
      const { data } = event as unknown as SignedIn;
      const identity = recordedIdentity(data);
      return identity ? [{ identity, issuer: data.proof.issuer, account: data.account }] : [];
    });
    return { source: 'lastSignIns', verification: null, people };
  }
}

function presentedOf({ subject, claims, evidence, groupsOverage }: VerifiedIdentity): Presented {
  const authentication = { context: evidence.authnContext, methods: evidence.amr };
  return { identity: { subject, claims, authentication, groupsOverage }, issuer: evidence.issuer, account: null };
}

const wrong = (field: string, problem: string) => new InvalidRequestError([{ field, problem }]);

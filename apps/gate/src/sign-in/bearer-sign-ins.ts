import { Inject, Injectable } from '@nestjs/common';
import { decodeJwt } from 'jose';
import type { Catalog } from '#libs/catalog';
import { SignInRefusedError } from '#libs/domain';
import { BearerVerifier, OidcRefusedError, type VerifiedIdentity } from '#libs/federation';
import { CATALOG, CLOCK, type Clock, SignInMetrics, type SignInResult } from '#libs/platform';
import { type KnownConnection, known } from '../settings/known-connection.js';
import { ProtocolSettings } from '../settings/protocol-settings.js';
import { AnswerRefusals } from './answer-refusals.js';
import type { SignInOutcome } from './sign-in.handler.js';
import { SignIns } from './sign-ins.js';
import { UnknownConnectionError } from './unknown-connection.error.js';
import type { VerifiedSignIn } from './verified-sign-in.js';

/** A program that asks to act for a person, with an assertion about them by an issuer that a connection trusts. */
export interface BearerAsked extends Omit<VerifiedSignIn, 'identity'> {
  /** Signed JWT (RFC 7523, section 3), at most 16,384 characters. */
  readonly assertion: string;
}

/** Who came in, and what the issuer said of them. */
export interface BearerSignedIn extends SignInOutcome {
  readonly identity: VerifiedIdentity;
}

/** Signs people in by assertions that programs bring (RFC 7523): the account is made or updated as at any other sign-in, and no session begins. */
@Injectable()
export class BearerSignIns {
  constructor(
    private readonly signIns: SignIns,
    private readonly verifier: BearerVerifier,
    private readonly settings: ProtocolSettings,
    private readonly refusals: AnswerRefusals,
    private readonly metrics: SignInMetrics,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The enabled connection of a tenant whose issuer an assertion names; null when there is none, or more than one. Nothing is verified by
   * it: it only says by whose keys the assertion has to be verified.
   */
  async connectionFor(assertion: string, tenant: string): Promise<string | null> {
    const issuer = issuerOf(assertion);
    const found = (await this.catalog.current())
      .connections(tenant)
      .filter(({ enabled, settings }) => enabled && settings?.protocol === 'jwt' && settings.jwt?.issuer === issuer);
    return found.length === 1 ? (found[0]?.id ?? null) : null;
  }

  /**
   * @throws {OidcRefusedError} {SignInRefusedError} {AssertionReplayedError} and the identity keys' own refusals, all recorded
   * @throws {ProviderUnreachableError} when the issuer's keys cannot be read
   */
  async signIn(asked: BearerAsked): Promise<BearerSignedIn> {
    try {
      const outcome = await this.#signIn(asked);
      this.metrics.ended('accepted', 'jwt');
      return outcome;
    } catch (error) {
      this.metrics.ended(resultOf(error), 'jwt');
      throw error;
    }
  }

  async #signIn({ assertion, ...asked }: BearerAsked): Promise<BearerSignedIn> {
    const identity = await this.refusals.recordingFor(asked, async () => {
      const connection = await this.#connection(asked.connection);
      return this.verifier.verify(assertion, await this.settings.jwt(connection), this.clock.now());
    });
    return this.signIns.run({ ...asked, identity }, null, (outcome) => Promise.resolve({ ...outcome, identity }));
  }

  async #connection(id: string): Promise<KnownConnection> {
    const connection = known((await this.catalog.current()).connection(id));
    if (connection?.settings.protocol !== 'jwt') throw new UnknownConnectionError();
    if (!connection.enabled) throw new SignInRefusedError('connection-disabled');
    return connection;
  }
}

function issuerOf(assertion: string): string | null {
  try {
    return decodeJwt(assertion).iss ?? null;
  } catch {
    return null;
  }
}

function resultOf(error: unknown): SignInResult {
  const kind = error instanceof Error && 'kind' in error ? error.kind : null;
  if (kind === 'unavailable') return 'unavailable';
  return error instanceof OidcRefusedError || kind !== null ? 'refused' : 'failed';
}

import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { SignInRefusedError } from '#libs/domain';
import { type IdentityEvidence, OidcRefusedError, SamlRefusedError, samlEvidenceOf } from '#libs/federation';
import { AssertionReplayedError } from '#libs/identity';
import { CATALOG, HttpRefusalError, InvalidRequestError, type PlatformRequest } from '#libs/platform';
import { LogoutReplayedError, NoSingleLogoutError } from '../logout/saml-logout.errors.js';
import { SignalSenderUnknownError } from '../signals/signals.errors.js';
import { clientOf } from './client.js';
import { Refusals } from './refusals.js';
import { SignInNotUnderWayError } from './sign-in-not-under-way.error.js';
import { UnknownConnectionError } from './unknown-connection.error.js';
import type { VerifiedSignIn } from './verified-sign-in.js';

/** Records answers of identity providers that never became a verified identity. */
@Injectable()
export class AnswerRefusals {
  constructor(
    private readonly refusals: Refusals,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /** Runs a step of reading what a browser brought; if it refuses the answer, records that and throws on. */
  recording<T>(request: PlatformRequest, step: () => Promise<T>): Promise<T> {
    return this.recordingFor(bringerOf(request), step);
  }

  /** The same for answers that no browser brings. */
  async recordingFor<T>(bringer: Bringer, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      await this.#record(bringer, error);
      throw error;
    }
  }

  /** Records an error that refuses the answer; any other error is not a refusal and is left alone. */
  record(request: PlatformRequest, error: unknown): Promise<void> {
    return this.#record(bringerOf(request), error);
  }

  async #record({ connection: id, requestId, client }: Bringer, error: unknown): Promise<void> {
    if (!refusesTheAnswer(error)) return;
    const connection = (await this.catalog.current()).connection(id);
    await this.refusals.record(connection?.tenant ?? null, requestId, {
      connection: connection?.id ?? null,
      connectionVersion: connection?.version ?? null,
      code: error.code,
      rule: null,
      proof: evidenceOf(error),
      said: null,
      account: null,
      evidence: null,
      client,
    });
  }
}

/** Who brings an answer, and for which connection. */
type Bringer = Pick<VerifiedSignIn, 'connection' | 'requestId' | 'client'>;

const bringerOf = (request: PlatformRequest): Bringer => ({
  connection: String(request.params['connection']),
  requestId: request.id,
  client: clientOf(request),
});

type RefusesTheAnswer = InstanceType<(typeof REFUSALS)[number]>;

const REFUSALS = [
  SamlRefusedError,
  OidcRefusedError,
  SignInRefusedError,
  SignInNotUnderWayError,
  UnknownConnectionError,
  AssertionReplayedError,
  LogoutReplayedError,
  NoSingleLogoutError,
  SignalSenderUnknownError,
  HttpRefusalError,
  InvalidRequestError,
] as const;

function refusesTheAnswer(error: unknown): error is RefusesTheAnswer {
  return REFUSALS.some((refusal) => error instanceof refusal);
}

function evidenceOf(error: RefusesTheAnswer): IdentityEvidence | null {
  if (error instanceof SamlRefusedError) return error.evidence && samlEvidenceOf(error.evidence);
  return error instanceof OidcRefusedError ? error.evidence : null;
}

import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { SignInRefusedError } from '#libs/domain';
import { SamlRefusedError } from '#libs/federation';
import { CATALOG, HttpRefusalError, InvalidRequestError, type PlatformRequest } from '#libs/platform';
import { clientOf } from '../sign-in/client.js';
import { Refusals } from '../sign-in/refusals.js';
import { UnknownConnectionError } from './unknown-connection.error.js';

/** Records answers of identity providers that never became a verified assertion. */
@Injectable()
export class SamlAnswerRefusals {
  constructor(
    private readonly refusals: Refusals,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /** Records an error that refuses the answer; any other error is not a refusal and is left alone. */
  async record(request: PlatformRequest, error: unknown): Promise<void> {
    if (!refusesTheAnswer(error)) return;
    const connection = (await this.catalog.current()).connection(String(request.params['connection']));
    await this.refusals.record(connection?.tenant ?? null, request.id, {
      connection: connection?.id ?? null,
      connectionVersion: connection?.version ?? null,
      code: error.code,
      proof: error instanceof SamlRefusedError ? error.evidence : null,
      said: null,
      account: null,
      evidence: null,
      client: clientOf(request),
    });
  }
}

type RefusesTheAnswer = InstanceType<(typeof REFUSALS)[number]>;

const REFUSALS = [
  SamlRefusedError,
  SignInRefusedError,
  UnknownConnectionError,
  HttpRefusalError,
  InvalidRequestError,
] as const;

function refusesTheAnswer(error: unknown): error is RefusesTheAnswer {
  return REFUSALS.some((refusal) => error instanceof refusal);
}

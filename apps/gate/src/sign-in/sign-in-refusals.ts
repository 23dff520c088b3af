import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { SignInRefusedError } from '#libs/domain';
import {
  AccountExistsUnlinkedError,
  AssertionReplayedError,
  IdentityValueError,
  UsernameTakenError,
} from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { CATALOG } from '#libs/platform';
import { SessionOfAnotherAccountError } from '../session/session-of-another-account.error.js';
import { Refusals } from './refusals.js';
import type { VerifiedSignIn } from './verified-sign-in.js';

/** Records what turns a verified person away, whichever part of the sign-in says so. */
@Injectable()
export class SignInRefusals {
  constructor(
    private readonly refusals: Refusals,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /** Runs a step of a sign-in; if it refuses the person, records that and throws on. `evidence` is the `SignedIn` that is taken back. */
  async recording<T>(signIn: VerifiedSignIn, evidence: string | null, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (refusesThePerson(error)) await this.#record(signIn, evidence, error);
      throw error;
    }
  }

  async #record(signIn: VerifiedSignIn, evidence: string | null, error: RefusesThePerson): Promise<void> {
    const connection = (await this.catalog.current()).connection(signIn.connection);
    await this.refusals.record(connection?.tenant ?? null, signIn.requestId, {
      connection: signIn.connection,
      connectionVersion: connection?.version ?? null,
      code: error.code,
      rule: error.rule ?? null,
      proof: signIn.identity.evidence,
      said: signIn.identity,
      account: error.account ?? null,
      evidence,
      client: signIn.client,
    });
  }
}

type RefusesThePerson = DomainError & { readonly account?: string | null; readonly rule?: string | null };

const REFUSALS = [
  SignInRefusedError,
  AccountExistsUnlinkedError,
  UsernameTakenError,
  AssertionReplayedError,
  IdentityValueError,
  SessionOfAnotherAccountError,
] as const;

function refusesThePerson(error: unknown): error is RefusesThePerson {
  return REFUSALS.some((refusal) => error instanceof refusal);
}

import { Inject, Injectable } from '@nestjs/common';
import type { AssertionReplays } from '#libs/identity';
import { ASSERTION_REPLAYS } from '#libs/platform';
import { signInCommandId } from './sign-in.preparation.js';
import { SignInRefusals } from './sign-in-refusals.js';
import type { VerifiedSignIn } from './verified-sign-in.js';

/** Lets every assertion be used once, and records whoever tries it again. */
@Injectable()
export class AssertionUses {
  constructor(
    private readonly refusals: SignInRefusals,
    @Inject(ASSERTION_REPLAYS) private readonly replays: AssertionReplays,
  ) {}

  /** Takes the assertion before anything else happens with it. @throws {AssertionReplayedError} */
  async begin(signIn: VerifiedSignIn, transactionId: string | null): Promise<void> {
    const { connection, identity } = signIn;
    const { assertionId } = identity.evidence;
    const commandId = signInCommandId(connection, assertionId);
    const expiresAt = identity.notOnOrAfter;
    await this.refusals.recording(signIn, null, () =>
      this.replays.begin({ connection, assertionId, commandId, transactionId, expiresAt }),
    );
  }

  /** Marks the assertion as used up: from here on nobody resumes it. */
  async finish({ connection, identity }: VerifiedSignIn): Promise<void> {
    await this.replays.finish({ connection, assertionId: identity.evidence.assertionId });
  }
}

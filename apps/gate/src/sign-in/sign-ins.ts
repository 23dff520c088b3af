import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { AssertionUses } from './assertion-uses.js';
import { SignInCommand, type SignInOutcome } from './sign-in.handler.js';
import { SignInRefusals } from './sign-in-refusals.js';
import type { VerifiedSignIn } from './verified-sign-in.js';

/** The way in that every protocol shares: each identity is used once, decided about, and only then let in. */
@Injectable()
export class SignIns {
  constructor(
    private readonly commands: CommandBus,
    private readonly uses: AssertionUses,
    private readonly refusals: SignInRefusals,
  ) {}

  /**
   * Signs a verified person in. `letIn` is what a person comes to after the decision (a session, a token): if it refuses them, that is recorded
   * as taking the sign-in back. Whoever tries the same identity again is refused, unless it is the same transaction that did not come to an end.
   * @throws whatever refuses the person, recorded
   */
  async run<T>(
    signIn: VerifiedSignIn,
    transactionId: string | null,
    letIn: (outcome: SignInOutcome) => Promise<T>,
  ): Promise<T> {
    await this.uses.begin(signIn, transactionId);
    const outcome = await this.commands.execute(new SignInCommand(signIn));
    const result = await this.refusals.recording(signIn, outcome.evidence, () => letIn(outcome));
    await this.uses.finish(signIn);
    return result;
  }
}

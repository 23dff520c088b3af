import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { accountDecider, type SignIn } from '#libs/domain';
import { appendOnce, decideAndAppend, type History, readHistory } from '#libs/event-store';
import type { AccessEpochs } from '#libs/identity';
import { fold, streamName } from '#libs/kernel';
import { ACCESS_EPOCHS, RevocationMetrics, WRITE_PATH, type WritePath } from '#libs/platform';
import { type Decided, SignInPreparation } from './sign-in.preparation.js';
import { signedIn } from './sign-in-events.js';
import { SignInRefusals } from './sign-in-refusals.js';
import type { VerifiedSignIn } from './verified-sign-in.js';

/** What a sign-in came to: whose account, and the revision as of which a session may live. */
export interface SignInOutcome {
  readonly tenant: string;
  readonly account: string;
  readonly revision: number;
  /** Id of the `SignedIn` event. */
  readonly evidence: string;
  /** When the account ends, which no session may outlive. */
  readonly expiresAt: string | null;
}

/** A verified assertion asks to come in. */
export class SignInCommand extends Command<SignInOutcome> {
  constructor(readonly signIn: VerifiedSignIn) {
    super();
  }
}

/** Decides, records the evidence, then the account's events; a refusal is recorded and thrown. */
@CommandHandler(SignInCommand)
export class SignInHandler implements ICommandHandler<SignInCommand> {
  constructor(
    private readonly preparation: SignInPreparation,
    private readonly refusals: SignInRefusals,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(ACCESS_EPOCHS) private readonly epochs: AccessEpochs,
    private readonly revocations: RevocationMetrics,
  ) {}

  async execute({ signIn }: SignInCommand): Promise<SignInOutcome> {
    const prepared = await this.refusals.recording(signIn, null, () => this.preparation.prepare(signIn));
    const { command, stream } = prepared;
    const history = await this.refusals.recording(signIn, null, () => this.#decideFirst(command, stream));
    const evidence = await this.#appendEvidence(signIn, prepared);
    const outcome = await this.refusals.recording(signIn, evidence, () =>
      decideAndAppend(this.path, stream, accountDecider, command, history),
    );
    const { tenant } = command.metadata;
    const { account } = command.data;
    await this.epochs.raiseIfReduced({ tenant, account }, outcome.events);
    this.revocations.sessionsEnded(outcome, command.metadata.now, this.path.clock.now());
    return { tenant, account, revision: outcome.revision, evidence, expiresAt: outcome.state.expiresAt };
  }

  /** What will be refused leaves no evidence of a sign-in behind. @returns the account as it was decided about */
  async #decideFirst(command: SignIn, stream: string): Promise<History> {
    const history = await readHistory(this.path, stream);
    accountDecider.decide(command, fold(accountDecider, history.events));
    return history;
  }

  async #appendEvidence(signIn: VerifiedSignIn, { command, connection, directory }: Decided): Promise<string> {
    const { account, identity } = command.data;
    const { tenant, commandId } = command.metadata;
    const event = signedIn(signIn, {
      account,
      directory,
      connectionVersion: connection.version,
      subject: identity.subject,
      groups: identity.groups,
      judgements: identity.judgements,
      claims: command.data.claims,
    });
    await appendOnce(this.path, streamName({ category: 'signIn', tenant, id: commandId }), [event], command.metadata);
    return command.data.evidence;
  }
}

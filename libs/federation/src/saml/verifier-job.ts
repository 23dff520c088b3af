import { type CapturedResponse, type ExplainedResponse, explainResponse } from './explain-response.js';
import { type LogoutJob, type LogoutOutcome, verifyLogoutMessage } from './logout-message.js';
import { type VerificationJob, type VerificationOutcome, verifyResponse } from './verification.js';

/** What the verifier's threads are asked for, and what they answer. Plain data. */
export type VerifierJob =
  | { readonly verify: 'response'; readonly job: VerificationJob }
  | { readonly verify: 'logout'; readonly job: LogoutJob }
  | { readonly verify: 'captured'; readonly job: CapturedResponse };
export type VerifierAnswer = VerificationOutcome | LogoutOutcome | ExplainedResponse;

/** Does one job. */
export function serveVerifierJob(asked: VerifierJob): Promise<VerifierAnswer> {
  if (asked.verify === 'response') return verifyResponse(asked.job);
  if (asked.verify === 'logout') return verifyLogoutMessage(asked.job);
  return explainResponse(asked.job);
}

import { availableParallelism } from 'node:os';
import {
  type Waits,
  WorkerJobFailedError,
  WorkerPool,
  WorkerQueueFullError,
  WorkerTimeoutError,
  workerFile,
} from '#libs/workers';
import { RESPONSE_FIELD_MAX } from './decode-response.js';
import type { CapturedResponse, ExplainedResponse } from './explain-response.js';
import type { LogoutJob, LogoutOutcome } from './logout-message.js';
import { type SamlRefusalCode, SamlRefusedError } from './saml-refused.error.js';
import { checkSamlSettings, type SamlSettings } from './saml-settings.js';
import type { VerificationJob, VerificationOutcome } from './verification.js';
import { VerificationBusyError } from './verification-busy.error.js';
import type { VerifiedAssertion } from './verified-assertion.js';
import type { VerifiedLogoutRequest, VerifiedLogoutResponse } from './verified-logout.js';
import type { VerifierAnswer, VerifierJob } from './verifier-job.js';

/** Size of the verifier; every field has a sensible default. */
export interface SamlVerifierOptions {
  /** Worker threads. Default: one per processor, at least 2, so that one slow response never holds up all, at most 4. */
  readonly threads?: number;
  /** Responses that may wait; one more is refused with `VerificationBusyError` (503). Default 256. */
  readonly queueLimit?: number;
  /** Milliseconds that one response may take once it is started. Default 500; an ordinary one takes 5. */
  readonly timeoutMs?: number;
}

const THREADS_MIN = 2;
const THREADS_MAX = 4;
/**
 * A response over this many characters, in base64, counts as large: 32 kB of XML are about 150 groups. Built to be slow, such a response takes
 * a hundred times as long as an ordinary one; it never holds the last thread.
 */
const LARGE_FROM = 43_691;
const TOOK_TOO_LONG = 'Checking the message took too long. It may be built to do so.';

/**
 * Verifies SAML responses and messages of single logout in worker threads, away from the event loop. One instance serves all connections.
 * It remembers nothing between two responses: replay and request ids are the caller's to keep.
 */
export class SamlVerifier {
  readonly #pool: WorkerPool<VerifierJob, VerifierAnswer>;

  constructor({ threads = defaultThreads(), queueLimit = 256, timeoutMs = 500 }: SamlVerifierOptions = {}) {
    const file = workerFile(import.meta.url, 'verify.worker.js');
    this.#pool = new WorkerPool({
      name: 'SAML verification',
      file,
      size: threads,
      queueLimit,
      jobTimeoutMs: timeoutMs,
    });
  }

  /**
   * Verifies one response as posted by a browser.
   * @param source who posted it, such as the network address: sources take turns, so that five hundred of one keep nobody else waiting
   * @throws {SamlRefusedError} when it is not accepted; `code` says why, `verified` whether its signature was valid
   * @throws {SamlSettingsError} when the connection's settings cannot work
   * @throws {VerificationBusyError} when too many responses wait; with other faults of the pool, the only reason for a 503
   */
  async verify(job: VerificationJob, source?: string): Promise<VerifiedAssertion> {
    checkSamlSettings(job.settings);
    demandBounded(job.samlResponse);
    const waits = { source, large: job.samlResponse.length > LARGE_FROM };
    const outcome = await this.#run<VerificationOutcome>({ verify: 'response', job: withoutSigningKey(job) }, waits);
    if (outcome.kind === 'verified') return outcome.assertion;
    throw new SamlRefusedError(outcome.refusal);
  }

  /**
   * Verifies one message of single logout, a request or an answer, in either binding. Both are always signed.
   * @throws {SamlRefusedError} when it is not accepted; `code` says why
   * @throws {SamlSettingsError | VerificationBusyError} as {@link verify}
   */
  async verifyLogout(job: LogoutJob): Promise<VerifiedLogoutRequest | VerifiedLogoutResponse> {
    checkSamlSettings(job.settings);
    const outcome = await this.#run<LogoutOutcome>({ verify: 'logout', job: withoutSigningKey(job) });
    if (outcome.kind !== 'refused') return outcome;
    throw new SamlRefusedError(outcome.refusal);
  }

  /**
   * Explains what the verification of a captured response comes to, check by check; see {@link ExplainedResponse}.
   * Dates and key sizes of certificates are remarks here, so settings need not pass `checkSamlSettings`.
   * @throws {SamlRefusedError} when it takes too long or breaks the verification
   */
  async explain(captured: CapturedResponse): Promise<ExplainedResponse> {
    return this.#run<ExplainedResponse>({ verify: 'captured', job: withoutSigningKey(captured) });
  }

  /** Responses that wait for a thread. */
  get waiting(): number {
    return this.#pool.waiting;
  }

  /** Starts the threads and lets each verify a sample, so that the first sign-in is as quick as any. */
  async warmUp(): Promise<void> {
    await this.#pool.start();
  }

  /** Lets accepted responses end, then ends the threads. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #run<Answer extends VerifierAnswer>(job: VerifierJob, waits: Waits = {}): Promise<Answer> {
    try {
      return (await this.#pool.run(job, waits)) as Answer; // the job says which
    } catch (cause) {
      if (cause instanceof WorkerTimeoutError) throw refused('verification-timeout', TOOK_TOO_LONG);
      if (cause instanceof WorkerJobFailedError) throw refused('hostile-xml', 'The message broke its verification.');
      if (cause instanceof WorkerQueueFullError) throw new VerificationBusyError();
      throw cause;
    }
  }
}

function refused(code: SamlRefusalCode, message: string): SamlRefusedError {
  return new SamlRefusedError({ code, message, evidence: null });
}

function demandBounded(samlResponse: string): void {
  if (samlResponse.length > RESPONSE_FIELD_MAX) throw refused('too-large', 'The response is too large.');
}

/** Nothing is signed over there. */
function withoutSigningKey<Job extends { readonly settings: SamlSettings }>(job: Job): Job {
  return { ...job, settings: { ...job.settings, signingKey: null } };
}

const defaultThreads = () => Math.max(THREADS_MIN, Math.min(THREADS_MAX, availableParallelism()));

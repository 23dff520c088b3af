import { availableParallelism } from 'node:os';
import { WorkerJobFailedError, WorkerPool, WorkerQueueFullError, WorkerTimeoutError, workerFile } from '#libs/workers';
import { RESPONSE_FIELD_MAX } from './decode-response.js';
import { type SamlRefusalCode, SamlRefusedError } from './saml-refused.error.js';
import { checkSamlSettings } from './saml-settings.js';
import type { VerificationJob, VerificationOutcome } from './verification.js';
import { VerificationBusyError } from './verification-busy.error.js';
import type { VerifiedAssertion } from './verified-assertion.js';

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
const TOOK_TOO_LONG = 'Checking the response took too long. It may be built to do so.';

/**
 * Verifies SAML responses in worker threads, away from the event loop. One instance serves all connections.
 * It remembers nothing between two responses: replay and request ids are the caller's to keep.
 */
export class SamlVerifier {
  readonly #pool: WorkerPool<VerificationJob, VerificationOutcome>;

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
   * @throws {SamlRefusedError} when it is not accepted; `code` says why, `verified` whether its signature was valid
   * @throws {SamlSettingsError} when the connection's settings cannot work
   * @throws {VerificationBusyError} when too many responses wait; with other faults of the pool, the only reason for a 503
   */
  async verify(job: VerificationJob): Promise<VerifiedAssertion> {
    checkSamlSettings(job.settings);
    const outcome = await this.#run(job);
    if (outcome.kind === 'verified') return outcome.assertion;
    throw new SamlRefusedError(outcome.refusal);
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

  async #run(job: VerificationJob): Promise<VerificationOutcome> {
    if (job.samlResponse.length > RESPONSE_FIELD_MAX) return refused('too-large', 'The response is too large.');
    try {
      return await this.#pool.run(job);
    } catch (cause) {
      if (cause instanceof WorkerTimeoutError) return refused('verification-timeout', TOOK_TOO_LONG);
      if (cause instanceof WorkerJobFailedError) return refused('hostile-xml', 'The response broke its verification.');
      if (cause instanceof WorkerQueueFullError) throw new VerificationBusyError();
      throw cause;
    }
  }
}

function refused(code: SamlRefusalCode, message: string): VerificationOutcome {
  return { kind: 'refused', refusal: { code, message, evidence: null } };
}

const defaultThreads = () => Math.max(THREADS_MIN, Math.min(THREADS_MAX, availableParallelism()));

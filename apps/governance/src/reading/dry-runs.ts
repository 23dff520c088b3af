import { Injectable } from '@nestjs/common';
import { DryRunsBusyError } from './dry-runs.errors.js';
import { Stint } from './stint.js';

/** Dry runs that are at work at the same time, each of another tenant, so that none keeps all others out. */
const AT_ONCE = 2;

/** Lets people ask what would follow, as much at a time as a server can spare: one for each tenant, for a limited time. */
@Injectable()
export class DryRuns {
  readonly #busy = new Set<string>();

  /**
   * @param signal aborted when nobody waits for the answer any more
   * @param work does it; it ends soon after its stint is over
   * @throws {DryRunsBusyError} while another of the tenant, or as many as can be spared, are answered
   */
  async run<T>(tenant: string, signal: AbortSignal, work: (stint: Stint) => Promise<T>): Promise<T> {
    if (this.#busy.has(tenant) || this.#busy.size >= AT_ONCE) throw new DryRunsBusyError();
    this.#busy.add(tenant);
    try {
      return await work(new Stint(signal));
    } finally {
      this.#busy.delete(tenant);
    }
  }
}

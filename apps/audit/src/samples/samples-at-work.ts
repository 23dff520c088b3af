import { Injectable } from '@nestjs/common';
import { SamplesBusyError } from './samples.errors.js';

/** Samples that are drawn at the same time, each for another tenant, so that none keeps all others out. */
const AT_ONCE = 2;

/** Lets people draw samples, as many at a time as a server can spare: one for each tenant. */
@Injectable()
export class SamplesAtWork {
  readonly #busy = new Set<string>();

  /** @throws {SamplesBusyError} while another of the tenant, or as many as can be spared, are drawn */
  async run<T>(tenant: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy.has(tenant) || this.#busy.size >= AT_ONCE) throw new SamplesBusyError();
    this.#busy.add(tenant);
    try {
      return await work();
    } finally {
      this.#busy.delete(tenant);
    }
  }
}

import { LeaseLostError } from './database.errors.js';
import { type HoldLeaseOptions, holdLease } from './hold-lease.js';
import type { Lease, Leases } from './leases.js';

/** Leases in memory; the test says when the holder loses. */
class ScriptedLeases implements Leases {
  readonly released: number[] = [];
  renewals = 0;
  private epoch = 0;
  constructor(private readonly renew: (epoch: number, renewal: number) => boolean | Error = () => true) {}

  async acquire(role: string): Promise<Lease> {
    const epoch = ++this.epoch;
    return {
      role,
      epoch,
      guard: async () => {},
      renew: async () => {
        const outcome = this.renew(epoch, ++this.renewals);
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
      release: async () => void this.released.push(epoch),
    };
  }
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

describe('holding a lease', () => {
  const warnings: string[] = [];
  const log = { info: () => {}, warn: (message: string) => void warnings.push(message), error: () => {} };
  const holding = (over: Partial<HoldLeaseOptions> & Pick<HoldLeaseOptions, 'leases' | 'work'>) =>
    holdLease({ role: 'sequencer', signal: new AbortController().signal, log, renewMs: 1, ...over });

  beforeEach(() => {
    warnings.length = 0;
  });

  it('renews while the work goes on, and frees the role when it is done', async () => {
    const leases = new ScriptedLeases();
    const work = async () => {
      while (leases.renewals < 3) await new Promise(setImmediate);
    };

    await holding({ leases, work });

    expect(leases.renewals).toBeGreaterThanOrEqual(3);
    expect(leases.released).toEqual([1]);
  });

  it('stops the work when the lease is lost, and waits for the role again', async () => {
    const leases = new ScriptedLeases((epoch) => epoch > 1);
    const epochs: number[] = [];

    await holding({
      leases,
      work: async ({ epoch }, signal) => {
        epochs.push(epoch);
        if (epoch === 1) await untilAborted(signal);
      },
    });

    expect(epochs).toEqual([1, 2]);
    expect(warnings).toEqual(['The lease was lost (role: sequencer, epoch: 1).']);
  });

  it('takes a guard’s refusal for a loss', async () => {
    const leases = new ScriptedLeases();
    const epochs: number[] = [];

    await holding({
      leases,
      work: async ({ role, epoch }) => {
        epochs.push(epoch);
        if (epoch === 1) throw new LeaseLostError(role, epoch);
      },
    });

    expect(epochs).toEqual([1, 2]);
  });

  it('stays calm when one renewal cannot be made', async () => {
    const leases = new ScriptedLeases((_epoch, renewal) => (renewal === 1 ? new Error('database away') : true));
    const work = async () => {
      while (leases.renewals < 2) await new Promise(setImmediate);
    };

    await holding({ leases, work });

    expect(warnings).toEqual([]);
    expect(leases.released).toEqual([1]);
  });

  it('ends when told to, and frees the role', async () => {
    const leases = new ScriptedLeases();
    const stop = new AbortController();

    await holding({
      leases,
      signal: stop.signal,
      work: (_lease, signal) => {
        stop.abort();
        return untilAborted(signal);
      },
    });

    expect(leases.released).toEqual([1]);
  });

  it('passes on what the work throws, and frees the role', async () => {
    const leases = new ScriptedLeases();

    const failing = holding({ leases, work: () => Promise.reject(new Error('out of order')) });

    await expect(failing).rejects.toThrow('out of order');
    expect(leases.released).toEqual([1]);
  });

  it('does not begin when it is already over', async () => {
    const work = jest.fn(async () => {});

    await holding({ leases: new ScriptedLeases(), work, signal: AbortSignal.abort() });

    expect(work).not.toHaveBeenCalled();
  });
});

import { DryRunsBusyError } from './dry-runs.errors.js';
import { DryRuns } from './dry-runs.js';

/** Goal: nobody's question keeps another tenant's out, and together they never take more than can be spared. */

const { signal } = new AbortController();

/** Dry runs that last until they are let go. */
function underWay(dryRuns: DryRuns) {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { begin: (tenant: string) => dryRuns.run(tenant, signal, () => promise), end: resolve };
}

describe('dry runs', () => {
  it('are one at a time for a tenant, and two at once for all', async () => {
    const dryRuns = new DryRuns();
    const { begin, end } = underWay(dryRuns);
    const running = [begin('acme'), begin('globex')];
    await expect(begin('acme')).rejects.toThrow(DryRunsBusyError);
    await expect(begin('initech')).rejects.toThrow(DryRunsBusyError);
    end();
    await Promise.all(running);
    await expect(dryRuns.run('acme', signal, async () => 'again')).resolves.toBe('again');
  });

  it('leave their place also when they fail', async () => {
    const dryRuns = new DryRuns();
    const failing = dryRuns.run('acme', signal, () => Promise.reject(new Error('It cannot be read.')));
    await expect(failing).rejects.toThrow('cannot be read');
    await expect(dryRuns.run('acme', signal, async () => 'again')).resolves.toBe('again');
  });

  it('are over once nobody waits for them', async () => {
    const left = new AbortController();
    await new DryRuns().run('acme', left.signal, async (stint) => {
      expect(stint.isOver()).toBe(false);
      left.abort();
      expect(stint.isOver()).toBe(true);
    });
  });
});

import { SamplesAtWork } from './samples-at-work.js';

describe('samples', () => {
  const busy = expect.objectContaining({ code: 'samples-busy', kind: 'limited' });

  it('are drawn one at a time for a tenant, and two at once for all', async () => {
    const samples = new SamplesAtWork();
    const done = Promise.withResolvers<string>();
    const first = samples.run('acme', () => done.promise);
    const second = samples.run('globex', () => done.promise);
    await expect(samples.run('acme', async () => 'of the same tenant')).rejects.toEqual(busy);
    await expect(samples.run('initech', async () => 'a third')).rejects.toEqual(busy);
    done.resolve('drawn');
    expect(await Promise.all([first, second])).toEqual(['drawn', 'drawn']);
    expect(await samples.run('acme', async () => 'the next')).toBe('the next');
  });

  it('that fail make room as well', async () => {
    const samples = new SamplesAtWork();
    await expect(samples.run('acme', () => Promise.reject(new Error('the client has left')))).rejects.toThrow('left');
    expect(await samples.run('acme', async () => 'the next')).toBe('the next');
  });
});

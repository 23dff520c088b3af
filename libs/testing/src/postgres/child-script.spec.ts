import { startScript } from './child-script.js';

describe('a script in a process of its own', () => {
  it('is heard line by line and says how it ended', async () => {
    const script = startScript(`console.log('one'); console.log(process.env.WORD); process.exit(3);`, {
      env: { WORD: 'two' },
    });

    await expect(script.until((line) => line === 'two')).resolves.toBe('two');
    await expect(script.ended()).resolves.toBe(3);
    expect(script.lines).toEqual(['one', 'two']);
  });

  it('tells what it complained about when it ends too early', async () => {
    const script = startScript(`throw new Error('broken on purpose');`);

    await expect(script.until(() => true)).rejects.toThrow('broken on purpose');
  });

  it('can be killed as a crash would', async () => {
    const script = startScript(`console.log('up'); setInterval(() => {}, 1000);`);
    await script.until((line) => line === 'up');

    await script.kill();

    await expect(script.ended()).resolves.toBeNull();
  });
});

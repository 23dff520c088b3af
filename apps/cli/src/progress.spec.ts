/** Whoever waits sees how far it is, how fast it goes and how long it takes; whoever asked for JSON sees JSON. */
import { progress } from './progress.js';

function watched({ isScreen, json }: { isScreen: boolean; json: boolean }) {
  const said: string[] = [];
  let at = 0;
  const shown = progress({ err: (text) => void said.push(text), isScreen }, json, () => at);
  const wait = (milliseconds: number) => {
    at += milliseconds;
  };
  return { said, shown, wait };
}

const filling = (done: number) => ({ label: 'rebuild grants, filling', done, of: 1_000 });

describe('progress', () => {
  it('is a bar on a screen, written over, with rate and remaining time', () => {
    const { said, shown, wait } = watched({ isScreen: true, json: false });
    shown.show(filling(0));
    wait(1_000);
    shown.show(filling(250));
    expect(said).toEqual([
      '\r\u001b[Krebuild grants, filling  [........................] 0 %  0 of 1000',
      '\r\u001b[Krebuild grants, filling  [######..................] 25 %  250 of 1000  250/s  3 s left',
    ]);
    shown.end();
    expect(said.at(-1)).toBe('\r\u001b[K');
  });

  it('does not flicker', () => {
    const { said, shown, wait } = watched({ isScreen: true, json: false });
    for (let i = 0; i < 100; i += 1) {
      shown.show(filling(i));
      wait(1);
    }
    expect(said).toHaveLength(1);
  });

  it('is a line now and then where nothing can be written over', () => {
    const { said, shown, wait } = watched({ isScreen: false, json: false });
    for (let i = 0; i <= 20; i += 1) {
      shown.show(filling(i));
      wait(500);
    }
    shown.end();
    expect(said).toHaveLength(3);
    expect(said.at(-1)).toBe('rebuild grants, filling  [........................] 2 %  20 of 1000  2/s  9 min left\n');
  });

  it('begins anew with every step, and says steps of unknown length by name', () => {
    const { said, shown } = watched({ isScreen: false, json: false });
    shown.show(filling(1_000));
    shown.show({ label: 'rebuild grants, indexing', done: 0, of: 1 });
    expect(said.at(-1)).toBe('rebuild grants, indexing\n');
  });

  it('is silent where JSON was asked for', () => {
    const { said, shown } = watched({ isScreen: true, json: true });
    shown.show(filling(1));
    shown.end();
    expect(said).toEqual([]);
  });
});

/** The command line explains itself, and every outcome has its exit code. */
import { runCommandLine } from './command-line.js';

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = {
    env: {},
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    isScreen: false,
  };
  const code = await runCommandLine(args, terminal);
  return { code, out: out.join(''), err: err.join('') };
}

describe('the command line', () => {
  it.each([
    [['--help'], 'gatebook COMMAND'],
    [['-h'], 'saml check'],
    [['--version'], '.'],
    [['apply', '--help'], '--dry-run'],
    [['recover-access', '--help'], '15 minutes'],
    [['verify', '--help'], '--json'],
    [['saml', 'check', '--help'], '--decryption-key'],
    [['rebuild', '--help'], '--dry-run'],
    [['verify-projections', '--help'], 'every night'],
    [['parked', 'list', '--help'], '--tenant'],
    [['parked', 'replay', '--help'], 'from the event store'],
    [['republish', '--help'], 'readers leave out what they have'],
  ])('answers %j', async (args, text) => {
    expect(await run(...args)).toEqual({ code: 0, err: '', out: expect.stringContaining(text) });
  });

  it.each([
    [[], 'gatebook COMMAND'],
    [['frobnicate'], 'no such command'],
    [['saml'], 'no such command'],
    [['apply'], 'exactly one file'],
    [['apply', 'one.yaml', 'two.yaml'], 'exactly one file'],
    [['apply', 'absent.yaml'], 'cannot be read'],
    [['apply', 'one.yaml', '--confirm'], 'Usage: gatebook apply'],
    [['verify', 'file'], 'takes no file'],
    [['rebuild'], 'or say --all'],
    [['rebuild', 'grants', '--all'], 'or say --all'],
    [['parked', 'list', 'grants'], 'takes no file'],
    [['republish', '--after', 'yesterday'], 'a whole number from -1'],
    [['saml', 'check', 'x.xml'], '--connection'],
    [['saml', 'check', '--response', 'absent.xml', '--connection', 'absent.yaml'], 'cannot be read'],
  ])('ends with 2 for %j', async (args, hint) => {
    expect(await run(...args)).toEqual({ code: 2, out: '', err: expect.stringContaining(hint) });
  });

  it('tells a wrong use in JSON where JSON was asked for', async () => {
    const { code, out } = await run('apply', '--json');
    expect({ code, told: JSON.parse(out) }).toMatchObject({ code: 2, told: { error: { code: 'wrong-use' } } });
  });

  it('cannot decide in an environment that cannot be', async () => {
    const [out, err]: [string[], string[]] = [[], []];
    const env = { PORT: 'x' };
    const code = await runCommandLine(['verify'], {
      env,
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      isScreen: false,
    });
    expect({ code, err: err.join('') }).toEqual({ code: 2, err: expect.stringContaining('PORT') });
  });
});

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
    [['parked', 'list', '--help'], 'gatebook parked replay'],
    [['parked', 'replay', '--help'], 'from the event store'],
    [['republish', '--help'], 'readers leave out what they have'],
  ])('answers %j', async (args, text) => {
    expect(await run(...args)).toEqual({ code: 0, err: '', out: expect.stringContaining(text) });
  });

  it.each([
    [[], 'gatebook COMMAND'],
    [['frobnicate'], 'no such command'],
    [['saml'], 'no such command'],
    [['apply'], 'exactly one FILE'],
    [['apply', 'one.yaml', 'two.yaml'], 'exactly one FILE'],
    [['report', 'create'], 'exactly one KIND'],
    [['report', 'verify', 'one', 'two'], 'exactly one FOLDER'],
    [['report', 'create', 'access', '--filter', 'role=crm.reader,role=crm.admin'], '--filter says role twice'],
    [['report', 'create', 'access', '--filter', 'role=crm.reader', '--filter', 'privileged=true'], '--filter is given'],
    [['report', 'verify', 'no-such-folder', '--sheet-sha256', 'a', '--sheet-sha256', 'b'], '--sheet-sha256 is given'],
    [['apply', 'absent.yaml'], 'cannot be read'],
    [['apply', 'one.yaml', '--confirm'], 'Usage: gatebook apply'],
    [['verify', 'file'], 'takes nothing besides'],
    [['rebuild'], 'or say --all'],
    [['rebuild', 'grants', '--all'], 'or say --all'],
    [['parked', 'list', 'grants'], 'takes nothing besides'],
    [['republish', '--after', 'yesterday'], 'a whole number from -1'],
    [['saml', 'check', 'x.xml'], '--connection'],
    [['saml', 'check', '--response', 'absent.xml', '--connection', 'absent.yaml'], 'cannot be read'],
  ])('ends with 2 for %j', async (args, hint) => {
    expect(await run(...args)).toEqual({ code: 2, out: '', err: expect.stringContaining(hint) });
  });

  it('ends the words of others with one full stop', async () => {
    const { err } = await run('report', 'create', 'access', '--known-at', '-1');
    expect(err).toContain('=-XYZ');
    expect(err).not.toContain('..');
  });

  it('tells of a folder that is not there', async () => {
    expect(await run('report', 'verify', 'no-such-folder')).toEqual({
      code: 2,
      err: '',
      out: expect.stringContaining('There is no folder no-such-folder.'),
    });
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

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { runCommandLine } from './command-line.js';

const MAIN = resolve(__dirname, '../../../dist/apps/cli/src/main.js');

/** How a command ended, and what it wrote. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Variables that a command sees; no others. */
type Variables = Readonly<Record<string, string>>;

/** Runs a command in this process: in a second, where a process of its own takes three. For specs only. */
export async function commandHere(args: readonly string[], env: Variables): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = {
    env,
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    isScreen: false,
  };
  const code = await runCommandLine(args, terminal);
  return { code, out: out.join(''), err: err.join('') };
}

/** Runs a command of the last build as a shell does, for what only a process can tell: that it ends, and with which code. For specs only. */
export function commandAlone(args: readonly string[], env: Variables): Promise<Ran> {
  const whole = { PATH: process.env['PATH'] ?? '', ...env };
  return new Promise((done) => {
    const child = execFile(process.execPath, ['--liftoff-only', MAIN, ...args], { env: whole }, (_error, out, err) =>
      done({ code: child.exitCode, out, err }),
    );
  });
}

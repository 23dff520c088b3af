import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program in a process of its own, for tests of crashes and of several processes. */
export interface ChildScript {
  readonly pid: number;
  /** What it printed so far, line by line. */
  readonly lines: readonly string[];
  /** Waits for a line that the test accepts. Rejects when the program ends before, with what it wrote to standard error. */
  until(accepts: (line: string) => boolean): Promise<string>;
  /** Kills it as a crash would and waits for its end. */
  kill(): Promise<void>;
  /** Waits for its end; the exit code, or null when it was killed. */
  ended(): Promise<number | null>;
}

/** What else the program gets. */
export interface ChildScriptOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Source of a module that every thread of the program loads first. */
  readonly preload?: string;
}

/**
 * Runs JavaScript module source under this Node in a process of its own. It sees the compiled libraries: `#libs` means `dist`.
 * The process dies with the test, because its standard input then ends.
 */
export function startScript(source: string, { env = {}, preload }: ChildScriptOptions = {}): ChildScript {
  const imports = preload ? ['--import', `data:text/javascript,${encodeURIComponent(preload)}`] : [];
  const withParent = `process.stdin.on('end', () => process.exit(1)).resume().unref?.();\n${source}`;
  const child = spawn(process.execPath, [...imports, '--eval', withParent], {
    cwd: process.cwd(),
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return { pid: child.pid as number, ...observed(child, exit), kill: () => killed(child, exit), ended: () => exit };
}

function observed(child: ChildProcess, exit: Promise<number | null>): Pick<ChildScript, 'lines' | 'until'> {
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  if (child.stdout) {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    });
  }
  const until = (accepts: (line: string) => boolean) =>
    new Promise<string>((resolve, reject) => {
      const early = lines.find(accepts);
      if (early !== undefined) return resolve(early);
      listeners.add((line) => accepts(line) && resolve(line));
      void exit.then((code) => reject(new Error(`The script ended (code ${code}) before the line came: ${complaint}`)));
    });
  return { lines, until };
}

async function killed(child: ChildProcess, exit: Promise<number | null>): Promise<void> {
  child.kill('SIGKILL');
  await exit;
}

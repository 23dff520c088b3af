import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Negotiation } from './stand-in.options.js';

/** The compiled program, from the root of the repository. */
const PROGRAM = 'dist/libs/testing/src/kurrentdb/stand-in.process.js';

/** How to start the stand-in as a process. */
export interface StandInProcessOptions {
  /** Its log; a later process on the same file goes on with the same data. */
  readonly file: string;
  /** Default: any free one. */
  readonly port?: number;
  readonly negotiation?: Negotiation;
}

/** The stand-in in a process of its own. */
export interface StandInProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Kills it as a crash would and waits for its end. */
  kill(): Promise<void>;
  /** Stops its clock: connections stay, nothing is answered, not even a ping. */
  freeze(): void;
  /** Goes on after `freeze`. */
  thaw(): void;
}

/**
 * Starts the stand-in (not KurrentDB) as a process of its own from the compiled libraries; it dies with this one.
 * @throws {Error} when it ends before it serves, with what it wrote to standard error
 */
export async function startKurrentDbStandInProcess(options: StandInProcessOptions): Promise<StandInProcess> {
  const { file, port = 0, negotiation = 'batch-append' } = options;
  const program = [PROGRAM, '--end-with-input', '--file', file, '--port', String(port), '--negotiation', negotiation];
  const child = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exit = once(child, 'exit');
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const ready = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => line.startsWith('ready ') && resolve(line.slice(6)));
    void exit.then(() => reject(new Error(`The stand-in ended before it served: ${complaint}`)));
  });
  const url = await ready;
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid as number,
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  };
}

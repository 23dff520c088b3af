/** Processes that outlive the command which started them, each with a log of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { identify, isAlive } from './process-identity.mjs';

const POLL_MS = 50;
const KILL_WAIT_MS = 10_000; // for a process to be gone after SIGKILL: it may be writing
const LOG_LINES_SHOWN = 20;

/**
 * Starts a program in a session of its own; its output is added to the end of the log.
 * @param {{ file: string, args: readonly string[], log: string, env: NodeJS.ProcessEnv, cwd: string, uid?: number, gid?: number }} what
 * @returns {Promise<import('./process-identity.mjs').ProcessIdentity>}
 */
export async function startInBackground({ file, args, log, ...options }) {
  const output = openSync(log, 'a', 0o600);
  try {
    const child = spawn(file, args, { ...options, stdio: ['ignore', output, output], detached: true });
    await once(child, 'spawn');
    child.unref();
    return identify(child.pid);
  } finally {
    closeSync(output);
  }
}

/**
 * Ends a process: with a signal that lets it finish, and with SIGKILL when it takes longer than its patience. One that is gone is left alone.
 * @returns {Promise<'gone' | 'ended' | 'killed'>}
 */
export async function endProcess(identity, signal, patienceMs) {
  if (!isAlive(identity)) return 'gone';
  send(identity, signal);
  if (await hasEnded(identity, patienceMs)) return signal === 'SIGKILL' ? 'killed' : 'ended';
  send(identity, 'SIGKILL');
  await hasEnded(identity, KILL_WAIT_MS);
  return 'killed';
}

async function hasEnded(identity, withinMs) {
  const deadline = performance.now() + withinMs;
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await pause(POLL_MS);
  }
  return true;
}

function send({ pid }, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** The last lines of a log, for a message. */
export function endOfLog(log) {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
  } catch {
    return '(no log)';
  }
}

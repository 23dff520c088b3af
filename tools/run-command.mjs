/** Runs commands so that a signal to this process reaches them and nothing stays behind. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command to its end and answers its exit code; 128 + n when signal n ended it, as a shell would.
 * While it runs, SIGINT, SIGTERM and SIGHUP go to the command, and this process lives until the command has ended.
 * @param {string} file
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { wholeGroup?: boolean, onStart?: (child: import('node:child_process').ChildProcess) => void }} options
 *   `wholeGroup`: the command leads a process group of its own, and signals go to all of it
 */
export function runCommand(file, args, { wholeGroup = false, onStart, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const stdin = wholeGroup ? 'ignore' : 'inherit'; // a group in the background would be stopped for reading the terminal
    const child = spawn(file, args, { stdio: [stdin, 'inherit', 'inherit'], detached: wholeGroup, ...options });
    const pass = (signal) => signalChild(child, signal, wholeGroup);
    for (const signal of SIGNALS) process.on(signal, pass);
    const stopListening = () => {
      for (const signal of SIGNALS) process.off(signal, pass);
    };
    child.once('error', (error) => {
      stopListening();
      reject(error);
    });
    child.once('close', (code, signal) => {
      stopListening();
      resolve(signal ? 128 + constants.signals[signal] : code);
    });
    if (child.pid) onStart?.(child);
  });
}

/** True for the exit code of a command that a person or a supervisor asked to stop. */
export function wasAskedToStop(code) {
  return SIGNALS.some((signal) => code === 128 + constants.signals[signal]);
}

/** Sends a signal to a child, or to the whole group that it leads; one that has already ended is no error. */
export function signalChild(child, signal, wholeGroup) {
  if (!wholeGroup) return child.kill(signal);
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

/** Ports of loopback. They are looked for below those that the system gives to outgoing connections: a service that is restarted must find its own free. */
import { createServer } from 'node:net';
import { SetUpError } from '../set-up-error.mjs';

const LAST = 32_000; // Linux hands out 32768 and above

/**
 * One port per name: the former one where nobody has taken it meanwhile, else the next free one.
 * @param {{ names: readonly string[], from: number, former?: Readonly<Record<string, number>>, running?: (name: string) => boolean }} wish
 * @returns {Promise<Record<string, number>>}
 */
export async function choosePorts({ names, from, former = {}, running = () => false }) {
  const chosen = {};
  const free = async (port) => !Object.values(chosen).includes(port) && (await isFree(port));
  for (const name of names) {
    const before = former[name];
    if (before !== undefined && (running(name) || (await free(before)))) chosen[name] = before;
  }
  let next = from;
  for (const name of names.filter((one) => chosen[one] === undefined)) {
    while (Object.values(former).includes(next) || !(await free(next))) next += 1;
    if (next > LAST) throw new SetUpError(`No free port of loopback was found between ${from} and ${LAST}.`);
    chosen[name] = next;
  }
  return chosen;
}

/** Whether somebody could listen there now, on loopback and on every address. */
export async function isFree(port) {
  for (const host of ['127.0.0.1', undefined]) if (!(await canListen(port, host))) return false;
  return true;
}

function canListen(port, host) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

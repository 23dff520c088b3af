/** Ends what a cluster's folder remembers. Built-ins only: ending must work when building does not. */
import { endProcess } from './background-process.mjs';
import { readState, writeState } from './cluster-state.mjs';
import { stopPostgres } from './local-postgres.mjs';

const END_WAIT_MS = 20_000; // servers finish requests under way for ten seconds

/** Ends every process of a cluster. One whose number belongs to another process by now is left alone. @returns {Promise<readonly string[]>} a line for each */
export async function stopCluster(folder) {
  const { processes } = readState(folder);
  const lines = [];
  await endInOrder(Object.keys(processes), async (name) => {
    const outcome = await endOne(name, processes[name]);
    lines.push(`${name}: ${outcome === 'gone' ? 'had ended already' : outcome}`);
  });
  if (lines.length > 0) writeState(folder, { ...readState(folder), processes: {}, settings: null });
  return lines;
}

/** Servers first and all at once, then what they stand on. */
export async function endInOrder(names, end) {
  const foundations = ['kafka', 'postgres'].filter((name) => names.includes(name));
  await Promise.all(names.filter((name) => !foundations.includes(name)).map(end));
  for (const name of foundations) await end(name);
}

/** @returns {Promise<'gone' | 'ended' | 'killed'>} */
export function endOne(name, identity) {
  return name === 'postgres' ? stopPostgres(identity) : endProcess(identity, 'SIGTERM', END_WAIT_MS);
}

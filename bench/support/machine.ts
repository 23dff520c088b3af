import { availableParallelism, cpus, totalmem } from 'node:os';
import { machineLoad } from './process-usage.js';

/** One line that belongs to every figure: the machine, what else it does now, and the settings of the run. */
export function conditions(settings: string): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${processor}), ${memory} GB, Node ${process.versions.node}; load of the machine ${machineLoad()}; ${settings}`;
}

/** Tells how far a benchmark is, on the error stream: what it came to stands on the other. */
export const say = (line: string): void => console.error(line);

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Milliseconds per tick of `/proc/PID/stat`: USER_HZ is 100 on every Linux that Node has a build for. */
const TICK_MS = 10;
/** Fields of `/proc/PID/stat` behind the name of the program (proc(5)), counted from the state. */
const PARENT = 1;
const USER_TIME = 11;
const SYSTEM_TIME = 12;
const CHILDREN_USER_TIME = 13;
const CHILDREN_SYSTEM_TIME = 14;

/** CPU that a process has used with all its threads, milliseconds. Linux only. */
export function cpuOfProcess(pid: number): number {
  const stat = statOf(pid);
  return (at(stat, USER_TIME) + at(stat, SYSTEM_TIME)) * TICK_MS;
}

/** CPU that the PostgreSQL with its socket in this folder has used: the postmaster, its processes, and those that have ended. */
export const cpuOfPostgres = (folder: string): number => cpuOfFamily(postmasterIn(folder));

/** CPU that a process and its children have used, milliseconds: those that run and those that have ended. */
export function cpuOfFamily(parent: number): number {
  const stat = statOf(parent);
  const ended = (at(stat, CHILDREN_USER_TIME) + at(stat, CHILDREN_SYSTEM_TIME)) * TICK_MS;
  return childrenOf(parent).reduce((sum, pid) => sum + cpuOfProcess(pid), cpuOfProcess(parent) + ended);
}

/** Memory of a process, MB: resident now, and at most since it began. */
export function memoryOfProcess(pid: number): { readonly resident: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { resident: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

/** Load of the machine over the last minute; figures taken under a high one are upper bounds. */
export const machineLoad = (): number => Number(readFileSync('/proc/loadavg', 'utf8').split(' ', 1)[0]);

const postmasterIn = (folder: string) =>
  Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n', 1)[0]);

function childrenOf(parent: number): number[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map(Number).filter((pid) => at(statOf(pid), PARENT) === parent);
}

/** Empty for a process that has ended. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

const at = (stat: readonly string[], field: number) => Number(stat[field] ?? 0);

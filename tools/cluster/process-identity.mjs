/** Which process a number means: ids are given out again, so one is known by its id and the moment of its birth. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** @typedef {{ pid: number, born: string }} ProcessIdentity */

/** @param {number} pid @returns {ProcessIdentity} */
export function identify(pid) {
  return { pid, born: birth(pid) ?? 'dead' };
}

/** Whether that very process still runs. One that has ended and was not yet collected by its parent does not. */
export function isAlive({ pid, born }) {
  return born !== 'dead' && birth(pid) === born;
}

function birth(pid) {
  return process.platform === 'linux' ? birthInProc(pid) : birthByPs(pid);
}

function birthInProc(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // proc(5): field 3 is the state, field 22 the start
  return /[ZX]/.test(fields[0]) ? undefined : fields[19];
}

function birthByPs(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [state = 'Z', ...start] = (stdout ?? '').trim().split(/\s+/);
  return state.startsWith('Z') || start.length === 0 ? undefined : start.join(' ');
}

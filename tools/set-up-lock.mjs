/**
 * One set-up at a time per folder, on any Node from 20 and with nothing installed.
 *
 * The lock is a row of numbered files; the highest number counts. Whoever finds that the holders of number N are gone
 * creates N+1, which the file system lets only one process do, and then removes the lower numbers. The highest number is
 * never removed, so a process that looked long ago and wakes up late finds out that it lost. A file lists the processes
 * that hold the lock: the set-up and the command it runs, because npm goes on installing when only its parent is killed.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { SetUpError } from './set-up-error.mjs';

const POLL_MS = 100;
const WAIT_LIMIT_MS = 15 * 60_000;

/**
 * Runs `work` while no other process of this folder does.
 * @param {string} folder where the lock lives; created when absent
 * @param {(addHolder: (pid: number) => void) => Promise<T>} work told how to name a child that must end before the lock is free
 * @template T
 */
export async function withSetUpLock(folder, work) {
  mkdirSync(folder, { recursive: true });
  const number = await acquire(folder);
  const holders = [identify(process.pid)];
  const addHolder = (pid) => {
    holders.push(identify(pid));
    replace(folder, number, holders);
  };
  try {
    return await work(addHolder);
  } finally {
    replace(folder, number, []);
  }
}

async function acquire(folder) {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  for (let told = false; Date.now() < deadline; ) {
    const latest = newest(folder);
    const holders = holdersOf(folder, latest);
    const alive = holders?.find((holder) => isAlive(holder));
    if (holders && !alive && claim(folder, latest + 1)) return latest + 1;
    if (!alive) continue; // somebody was faster: look again
    if (!told) process.stderr.write(`Waiting for another set-up of this folder (process ${alive.pid})…\n`);
    told = true;
    await pause(POLL_MS);
  }
  throw new SetUpError(`Another set-up has held ${folder} for 15 minutes. End that process, then try again.`);
}

function claim(folder, number) {
  const draft = writeDraft(folder, [identify(process.pid)]);
  try {
    linkSync(draft, fileOf(folder, number)); // appears with its content or not at all
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const won = newest(folder) === number;
  for (const other of numbers(folder))
    if (won ? other < number : other === number) rmSync(fileOf(folder, other), { force: true });
  return won;
}

function replace(folder, number, holders) {
  renameSync(writeDraft(folder, holders), fileOf(folder, number));
}

function writeDraft(folder, holders) {
  const draft = `${folder}/draft.${process.pid}`;
  writeFileSync(draft, JSON.stringify(holders));
  return draft;
}

function holdersOf(folder, number) {
  if (number === 0) return [];
  try {
    return JSON.parse(readFileSync(fileOf(folder, number), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined; // a higher number has just replaced it
    throw error;
  }
}

const fileOf = (folder, number) => `${folder}/${number}.lock`;
const numbers = (folder) =>
  readdirSync(folder).flatMap((name) => (/^\d+[.]lock$/.test(name) ? [Number.parseInt(name, 10)] : []));
const newest = (folder) => Math.max(0, ...numbers(folder));

/** A process is its id and the moment of its birth: ids are given out again, most of all inside containers. */
function identify(pid) {
  return { pid, born: birth(pid) };
}

function isAlive({ pid, born }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  return birth(pid) === born;
}

/** Start time in clock ticks since boot where the system tells (Linux), `dead` for a zombie, else unknown. */
function birth(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return 'unknown';
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // proc(5): field 3 is the state, field 22 the start
  return fields[0] === 'Z' ? 'dead' : fields[19];
}

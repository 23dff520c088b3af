/**
 * Where tests keep their data while all checks run: in memory, where there is room for it. A database is a thousand small files, and on a
 * disk their copying, flushing and removal is a good part of a test's time. What a test proves of durability it proves by the calls that
 * are made and by killing processes; neither needs a disk.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';

const IN_MEMORY = '/dev/shm';
const TMPFS_MAGIC = 0x01021994; // linux/magic.h: anything else there is a disk after all
const ROOM_BYTES = 4 * 1024 ** 3; // of memory: tests hold less than half a gigabyte at once, their processes take the rest
const PREFIX = 'gatebook-checks-';

/** Makes the folder, or answers undefined where tests do better with the system's. It is gone when this process ends. */
export function testFolderInMemory() {
  if (process.env.TMPDIR || !hasRoom()) return undefined; // a folder that the user chose wins
  removeAbandoned();
  const folder = mkdtempSync(join(IN_MEMORY, `${PREFIX}${process.pid}-`));
  process.once('exit', () => remove(folder));
  chmodSync(folder, 0o1777); // as the system's: where tests run as root, PostgreSQL runs as a user of its own
  return runsPrograms(folder) ? folder : undefined;
}

function hasRoom() {
  try {
    const { type, bavail, bsize } = statfsSync(IN_MEMORY);
    const free = Math.min(bavail * bsize, freemem(), process.availableMemory?.() ?? Number.POSITIVE_INFINITY);
    return type === TMPFS_MAGIC && free >= ROOM_BYTES;
  } catch {
    return false; // no such folder: not Linux
  }
}

/** Containers often forbid it, and a browser is unpacked there. */
function runsPrograms(folder) {
  const program = join(folder, 'runs');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
  const { status } = spawnSync(program);
  rmSync(program);
  return status === 0;
}

/** A run that was killed could not tidy up, and memory is dear. */
function removeAbandoned() {
  for (const name of readdirSync(IN_MEMORY).filter((name) => name.startsWith(PREFIX))) {
    if (!isAlive(Number.parseInt(name.slice(PREFIX.length), 10))) remove(join(IN_MEMORY, name));
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** A server that is just ending may still write; what belongs to somebody else stays. */
function remove(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch (error) {
    process.stderr.write(`${folder} could not be removed (${error.code}).\n`);
  }
}

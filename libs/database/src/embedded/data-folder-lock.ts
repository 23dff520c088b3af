import fs from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DatabaseUnavailableError, DataFolderInUseError } from '../database.errors.js';

/** Held by the operating system for as long as the process lives. Nobody else may open it: closing it would free the lock. */
const LOCK_FILE = 'gatebook.lock';
/** Says who holds the lock. Only a message: who holds it is decided by the lock itself. */
const HOLDER_FILE = 'gatebook.lock.json';
/** Somebody who only looks holds the lock for a moment, milliseconds. */
const PROBE_WAIT_MS = 250;
/** SQLite's result code for a file that is locked. */
const SQLITE_BUSY = 5;

/** The process that holds a data folder. */
export interface FolderHolder {
  readonly pid: number;
  /** Where it serves, once it does. */
  readonly serverUrl?: string;
}

/** An exclusive hold on a data folder. */
export interface DataFolderLock {
  /** Writes down where this process serves. */
  recordServerUrl(url: string): void;
  release(): void;
}

/**
 * Takes the data folder for this process, making it if needed.
 * The lock is the operating system's (an exclusive SQLite transaction on an empty file), not a file with a process id: it ends with the
 * process, however that dies, and is right across containers that share a volume and all call themselves process 1. So there are no stale locks.
 * @throws {DataFolderInUseError} when another process has it, or this one already
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  const folder = resolve(dataDir);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(folder, LOCK_FILE), { timeout: PROBE_WAIT_MS });
  if (!isFree(lock, 'begin exclusive')) {
    lock.close();
    const holder = readHolder(folder);
    throw new DataFolderInUseError(folder, holder?.pid, holder?.serverUrl);
  }
  writeHolder(folder, { pid: process.pid });
  return {
    recordServerUrl: (serverUrl) => writeHolder(folder, { pid: process.pid, serverUrl }),
    release: () => {
      fs.rmSync(join(folder, HOLDER_FILE), { force: true });
      lock.close();
    },
  };
}

/** Finds the process that holds a data folder; null when nobody does. For commands that work through a running server. */
export function dataFolderHolder(dataDir: string): FolderHolder | null {
  const folder = resolve(dataDir);
  const path = join(folder, LOCK_FILE);
  if (!fs.existsSync(path)) return null;
  const probe = new DatabaseSync(path, { timeout: 0, readOnly: true });
  try {
    return isFree(probe, 'select 1 from sqlite_schema') ? null : readHolder(folder);
  } finally {
    probe.close();
  }
}

function isFree(lock: DatabaseSync, claim: string): boolean {
  try {
    lock.exec(claim);
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw new DatabaseUnavailableError(
      `The data folder cannot be locked. It must lie on a file system with file locks, and be writable.`,
      error,
    );
  }
}

function readHolder(folder: string): FolderHolder | null {
  try {
    return JSON.parse(fs.readFileSync(join(folder, HOLDER_FILE), 'utf8')) as FolderHolder;
  } catch {
    return null;
  }
}

/** Renamed into place, so that a reader never sees half of it. */
function writeHolder(folder: string, holder: FolderHolder): void {
  const path = join(folder, HOLDER_FILE);
  fs.writeFileSync(`${path}.new`, JSON.stringify(holder), { mode: 0o600 });
  fs.renameSync(`${path}.new`, path);
}

import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScript } from '#libs/testing';
import { DataFolderInUseError } from '../database.errors.js';
import { dataFolderHolder, lockDataFolder } from './data-folder-lock.js';

/** Another process that takes the folder, says so, and lives on. */
const HOLDER = `
  import { lockDataFolder } from './dist/libs/database/src/embedded/data-folder-lock.js';
  lockDataFolder(process.env.FOLDER).recordServerUrl('http://localhost:3000');
  console.log('held');
  setInterval(() => {}, 1000);`;

describe('the lock of a data folder', () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'gb-lock-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('refuses a second holder in the same process', () => {
    const lock = lockDataFolder(folder);

    expect(() => lockDataFolder(folder)).toThrow(DataFolderInUseError);
    expect(dataFolderHolder(folder)).toEqual({ pid: process.pid });

    lock.release();
    lockDataFolder(folder).release();
    expect(dataFolderHolder(folder)).toBeNull();
  });

  it('refuses a second process, and names the first, its address and what to do', async () => {
    const other = startScript(HOLDER, { env: { FOLDER: folder } });
    await other.until((line) => line === 'held');

    expect(() => lockDataFolder(folder)).toThrow(
      expect.objectContaining({
        code: 'data-folder-in-use',
        folder,
        pid: other.pid,
        serverUrl: 'http://localhost:3000',
      }),
    );
    expect(() => lockDataFolder(folder)).toThrow(/Stop it first, go through its API, or choose another folder/);
    expect(dataFolderHolder(folder)).toEqual({ pid: other.pid, serverUrl: 'http://localhost:3000' });

    await other.kill();
  });

  it('is free at once when its holder was killed, whatever that left behind', async () => {
    const other = startScript(HOLDER, { env: { FOLDER: folder } });
    await other.until((line) => line === 'held');
    await other.kill();

    expect(fs.existsSync(join(folder, 'gatebook.lock.json'))).toBe(true);
    expect(dataFolderHolder(folder)).toBeNull();
    lockDataFolder(folder).release();
  });

  it('goes by the lock and not by a process id, which another process may have by now', () => {
    fs.writeFileSync(join(folder, 'gatebook.lock.json'), JSON.stringify({ pid: process.ppid }));

    lockDataFolder(folder).release();
  });

  it('finds nobody in a folder that never was one, and makes nothing there', () => {
    expect(dataFolderHolder(join(folder, 'absent'))).toBeNull();
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

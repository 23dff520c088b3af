/** The embedded database on a disk that is really full: what it acknowledged is kept, what it could not keep it did not acknowledge. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '#libs/testing';
import { openDatabase } from '../open-database.js';

/** Room of the disk: the empty cluster takes some 40 MB of it. */
const DISK_MB = 120;

/** Room that is left when the database is filled, in bytes. */
const ROOM_LEFT = 3_000_000;

const folder = fs.mkdtempSync(join(tmpdir(), 'gb-full-disk-'));
const reason = mount();
if (reason) console.warn(`SKIPPED: nothing is tested on a full disk: ${reason}.`);

afterAll(() => {
  if (!reason) execFileSync('umount', [folder]);
  fs.rmdirSync(folder);
});

/** A disk of our own takes the rights of an administrator. */
function mount(): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', folder], { stdio: 'ignore' });
    return null;
  } catch {
    return 'a small disk cannot be mounted here (root on Linux can)';
  }
}

(reason ? it.skip : it)(
  'keeps what it acknowledged, refuses the rest with the reason, and opens again',
  async () => {
    const fatal: Error[] = [];
    const options = { dataDir: folder, log: silent, onFatal: (error: Error) => void fatal.push(error) };
    const database = await openDatabase(options);
    await database.query('create table item(id int primary key, text text)');
    fillUp();

    const acknowledged: number[] = [];
    let refused: unknown = null;
    for (let id = 0; refused === null && id < 10_000; id += 1) {
      await database.query('insert into item values ($1, $2)', [id, noise()]).then(
        () => acknowledged.push(id),
        (error: unknown) => {
          refused = error;
        },
      );
    }
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(refused).toMatchObject({
      code: fatal.length > 0 ? 'embedded-database-stopped' : 'storage-full',
      kind: 'unavailable',
      message: expect.stringMatching(/free space/i),
    });

    await database.close();
    fs.rmSync(join(folder, 'filler'));
    const again = await openDatabase(options);
    const { rows } = await again.query<{ id: number }>('select id from item order by id');
    expect(rows.map(({ id }) => id)).toEqual(acknowledged);
    await again.query('insert into item values (-1, $1)', [noise()]);
    await again.close();
  },
  120_000,
);

function fillUp(): void {
  const { bavail, bsize } = fs.statfsSync(folder);
  fs.writeFileSync(join(folder, 'filler'), Buffer.alloc(bavail * bsize - ROOM_LEFT));
}

/** Text that PostgreSQL cannot make smaller. */
const noise = () => randomBytes(3_000).toString('base64');

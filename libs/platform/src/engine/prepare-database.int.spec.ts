/** New data folders are copied from a database that the build has made: whole, and none of them the twin of another. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { migrate, openDatabase } from '#libs/database';
import { readBelonging } from '#libs/ledger';
import { silent } from '#libs/testing';
import { readEnvironment } from '../environment/environment.js';
import { createLog } from '../logging/log.js';
import { MIGRATIONS } from './migrations.js';
import { openEngine } from './open-engine.js';
import { prepareDatabase } from './prepare-database.js';

jest.setTimeout(60_000);

const folders: string[] = [];
const newFolder = () => folders[folders.push(mkdtempSync(join(tmpdir(), 'gatebook-new-'))) - 1] as string;

beforeAll(() => prepareDatabase());
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('a new data folder', () => {
  it('has every migration from the beginning', async () => {
    const database = await openDatabase({ dataDir: newFolder(), log: silent, schema: MIGRATIONS });
    try {
      expect(await migrate(database, MIGRATIONS)).toEqual([]);
    } finally {
      await database.close();
    }
  });

  it('is migrated at its start where no template has that very schema', async () => {
    const schema = [...MIGRATIONS, { name: '9999-of-tomorrow', sql: 'create table tomorrow (id int)' }];
    const database = await openDatabase({ dataDir: newFolder(), log: silent, schema });
    try {
      expect(await migrate(database, schema)).toHaveLength(schema.length);
    } finally {
      await database.close();
    }
  });

  it('holds a database with an id of its own', async () => {
    const ids: string[] = [];
    for (const folder of [newFolder(), newFolder()]) {
      const engine = await openEngine({ environment: readEnvironment({ GATEBOOK_DATA_DIR: folder }), log: quiet });
      const { databaseId, logBegun } = await readBelonging(engine.database);
      expect(logBegun).toBe(true);
      ids.push(databaseId);
      await engine.close();
    }
    expect(new Set(ids).size).toBe(2);
  });
});

const quiet = createLog({
  level: 'error',
  readable: false,
  destination: new Writable({ write: (_chunk, _encoding, done) => done() }),
});

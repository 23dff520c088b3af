import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase } from '#libs/database';
import { startScript } from './child-script.js';
import { silent } from './databases-under-test.js';
import { startPrivatePostgres, whyNoPostgres } from './private-postgres.js';

const socketFolder = (url: string) => new URL(url).searchParams.get('host') as string;
const given = process.env['TEST_DATABASE_URL'];
const reason = whyNoPostgres() ?? (given ? 'TEST_DATABASE_URL names a server that is not ours to stop' : undefined);
if (reason) console.warn(`SKIPPED: the private PostgreSQL is not tested: ${reason}.`);

(reason ? describe.skip : describe)('a private PostgreSQL', () => {
  it('serves, and leaves nothing behind when stopped', async () => {
    const server = await startPrivatePostgres();
    if (!server) throw new Error('It was expected to start.');
    const database = await openDatabase({ url: server.url, dataDir: 'unused', log: silent });
    await expect(database.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await database.close();

    await server.stop();

    expect(fs.existsSync(socketFolder(server.url))).toBe(false);
  }, 60_000);

  it('flushes like a real server when asked to', async () => {
    const server = await startPrivatePostgres({ fsync: true });
    const database = await openDatabase({ url: server?.url, dataDir: 'unused', log: silent });

    await expect(database.query('show fsync')).resolves.toMatchObject({ rows: [{ fsync: 'on' }] });

    await database.close();
    await server?.stop();
  }, 60_000);

  it('ends with the test process, also when that is killed', async () => {
    const test = startScript(`
      import { startPrivatePostgres } from './dist/libs/testing/src/postgres/private-postgres.js';
      console.log((await startPrivatePostgres()).url);
      setInterval(() => {}, 1000);`);
    const folder = socketFolder(await test.until((line) => line.startsWith('postgresql:')));
    expect(fs.existsSync(folder)).toBe(true);

    await test.kill();

    for (let attempt = 0; fs.existsSync(folder) && attempt < 200; attempt++) await delay(25);
    expect(fs.existsSync(folder)).toBe(false);
  }, 60_000);
});

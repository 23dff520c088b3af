import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '#libs/database';
import { silent } from '#libs/testing';
import { BrowserLess } from './support/browser-less.js';
import { api, eventually, type Installation, signIn, startInstallation } from './support/installation.js';

const EMAIL = 'mata.hari@acme.example';
const NAME_ID = 'subject-of-mata-hari';

// Goal: personal data lies in clear in the read model and nowhere else. Method: look for a person's e-mail and subject in dumps of every
// table outside the read model, in the log output and in every other file.
describe('a person’s data at rest', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startInstallation();
    const person = { nameId: NAME_ID, email: EMAIL, groups: ['crm-admins'] };
    expect((await signIn(new BrowserLess(), installation, person)).status).toBe(303);
    expect(
      (await signIn(new BrowserLess(), installation, { nameId: 'x', email: 'stranger@elsewhere.example' })).status,
    ).toBe(403);
    await eventually(
      () => api(installation.server, `/api/v1/accounts?tenant=acme&email=${EMAIL}`),
      ({ body }) => body.items.length === 1,
    );
    await installation.server.stop();
  }, 60_000);

  const holds = (text: string) =>
    [EMAIL, NAME_ID, 'mata.hari', 'stranger@elsewhere.example'].filter((word) => text.includes(word));

  it('is in no table outside the read model, and is in the read model: the search itself works', async () => {
    const database = await openDatabase({ dataDir: installation.server.dataDir, log: silent });
    try {
      const { rows: tables } = await database.query<{ schema: string; name: string }>(
        `select table_schema as schema, table_name as name from information_schema.tables
          where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
      );
      const found = new Map<string, string[]>();
      for (const { schema, name } of tables) {
        const { rows } = await database.query<{ row: string }>(`select t::text as row from "${schema}"."${name}" t`);
        const words = holds(rows.map(({ row }) => row).join('\n'));
        if (words.length > 0) found.set(schema, words);
      }
      expect(tables.length).toBeGreaterThan(10);
      expect([...found.keys()]).toEqual(['read_model']);
    } finally {
      await database.close();
    }
  }, 60_000);

  it('is in no line of the log', () => {
    expect(installation.server.output()).toContain('/saml/corp/acs');
    expect(holds(installation.server.output())).toEqual([]);
  });

  it('is in no other file of the data folder, and the check would see it', () => {
    const files = filesBelow(installation.server.dataDir).filter((file) => !file.includes('/postgres/'));
    const tellTale = files.filter((file) => holds(readFileSync(file, 'latin1')).length > 0);
    expect(files.length).toBeGreaterThan(0);
    expect(tellTale).toEqual([]);
    expect(holds(`From: ${EMAIL}`)).toEqual([EMAIL, 'mata.hari']);
  });

  it('keeps keys to their owner', () => {
    const keyring = filesBelow(installation.server.dataDir).filter((file) => file.endsWith('keyring.json'));
    expect(keyring.map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual(['600']);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

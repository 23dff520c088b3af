/** The command line on a data folder, and beside the server that holds it; here and there in a process of its own, of the last build. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '#libs/database';
import { createIdentityProviderKey, type IdentityProviderKey } from '#libs/saml-idp';
import { ADMIN_KEY, dataFolder, type StartedServer, startServer } from '../../../test/support/started-server.js';
import { commandAlone, commandHere, type Ran } from './command-line.fixture.js';

jest.setTimeout(120_000);

type Variables = Readonly<Record<string, string>>;
const on = (dataDir: string, env: Variables = {}): Variables => ({ GATEBOOK_DATA_DIR: dataDir, ...env });
/** Runs `gatebook` with these arguments on a data folder. */
const gatebook = (dataDir: string, args: readonly string[], env?: Variables): Promise<Ran> =>
  commandHere(args, on(dataDir, env));
/** The same in a process of its own. */
const gatebookAlone = (dataDir: string, args: readonly string[], env?: Variables): Promise<Ran> =>
  commandAlone(args, on(dataDir, env));

let key: IdentityProviderKey;
beforeAll(async () => {
  key = await createIdentityProviderKey({ commonName: 'idp.example', now: new Date() });
});

/** Writes a configuration of the tenant acme beside its certificate. */
function configurationFile(folder: string, roles: readonly string[]): string {
  writeFileSync(join(folder, 'okta.pem'), key.certificatePem);
  const file = join(folder, 'gatebook.yaml');
  const rule = `{ id: everyone, when: always, grant: [${roles[0]}] }`;
  const admins = roles[1] ? `, { id: admins, when: { group: admins }, grant: [${roles[1]}] }` : '';
  writeFileSync(
    file,
    `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    roles: [${roles.map((id) => `{ id: ${id}, application: crm, name: ${id} }`).join(', ')}]
    connections:
      - id: okta
        protocol: saml
        directory: staff
        jit: { create: true }
        saml: { idpEntityId: http://idp.example, ssoUrl: https://idp.example/sso, certificates: ["file:okta.pem"] }
        attributes: { userName: nameId }
        rules: [${rule}${admins}]
`,
  );
  return file;
}

describe('on a data folder that nobody holds', () => {
  const folder = dataFolder();
  const data = join(folder, 'data');

  it('refuses to look into a folder that is not there', async () => {
    expect(await gatebook(data, ['verify'])).toMatchObject({ code: 2, err: expect.stringContaining('no data folder') });
  });

  it('shows the difference, then applies it, then finds none', async () => {
    const file = configurationFile(folder, ['crm.reader']);
    const planned = await gatebook(data, ['apply', file, '--dry-run']);
    expect(planned).toMatchObject({ code: 0, out: expect.stringContaining('+ connection okta\n') });
    const applied = await gatebook(data, ['apply', file]);
    expect(applied).toMatchObject({ code: 0, out: `${planned.out}Applied: 7 changes.\n` });
    expect((await gatebook(data, ['apply', file])).out).toBe('No changes.\n');
  });

  it('removes only what was confirmed', async () => {
    const file = configurationFile(folder, ['crm.viewer']);
    expect(await gatebook(data, ['apply', file, '--prune'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('removes'),
    });
    const planned = await gatebook(data, ['apply', file, '--prune', '--dry-run']);
    expect(planned.out).toContain('+ role crm.viewer\n');
    expect(planned.out).toContain('~ connection okta: rules\n');
    expect(planned.out).toContain('- role crm.reader\n');
    const [, hash = ''] = /Confirm with --confirm ([0-9a-f]{64})/.exec(planned.out) ?? [];
    expect(await gatebook(data, ['apply', file, '--prune', '--confirm', hash])).toMatchObject({ code: 0 });
  });

  it('says in JSON what is wrong with a file, and its line', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'apiVersion: gatebook/v1\ntenants: []\nteanants: []\n');
    const { code, out } = await gatebook(data, ['apply', file, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      error: {
        code: 'configuration-invalid',
        message: expect.stringContaining('line 3: teanants: is not a known key'),
      },
    });
  });

  it('prints a one-time link that nobody else can have seen', async () => {
    const { code, out } = await gatebookAlone(data, ['recover-access', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).url).toMatch(/\/setup\/[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}$/);
    expect(statSync(data).mode & 0o077).toBe(0);
  });

  it('ends with 2 for a wrong use, and says how it is used', async () => {
    const { code, err } = await gatebookAlone(data, ['verify', '--fast']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('Usage: gatebook verify') });
  });
});

describe('while a server holds the data folder', () => {
  const folder = dataFolder();
  const withKey = { GATEBOOK_API_KEY: ADMIN_KEY };
  let server: StartedServer;
  let roles = ['crm.reader', 'crm.admin'];
  beforeAll(async () => {
    server = await startServer({
      env: { GATEBOOK_CONFIG: configurationFile(folder, roles), GATEBOOK_ADMIN_KEY: ADMIN_KEY },
    });
  });
  afterAll(() => server.stop());

  it('needs a key, and says so', async () => {
    const { code, err } = await gatebook(server.dataDir, ['verify']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('GATEBOOK_API_KEY') });
    const wrong = await gatebook(server.dataDir, ['verify'], { GATEBOOK_API_KEY: 'not-the-key' });
    expect(wrong.code).toBe(2); // 1 would say that the log was tampered with
  });

  it('applies through it, resolving references here', async () => {
    roles = ['crm.reader', 'crm.admin', 'crm.viewer'];
    const file = configurationFile(folder, roles);
    const dryRun = await gatebook(server.dataDir, ['apply', file, '--dry-run'], withKey);
    expect(dryRun).toMatchObject({ code: 0, out: '+ role crm.viewer\n' });
    const applied = await gatebook(server.dataDir, ['apply', file], { ...withKey, GATEBOOK_URL: server.url });
    expect(applied).toMatchObject({ code: 0, out: '+ role crm.viewer\nApplied: 1 change.\n' });
  });

  it('verifies through it', async () => {
    const { code, out } = await gatebookAlone(server.dataDir, ['verify', '--json'], withKey);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ problems: 0, findings: [] });
  });

  it('recovers access without a key, by the folder alone', async () => {
    const { code, out } = await gatebook(server.dataDir, ['recover-access', '--json']);
    expect(code).toBe(0);
    const { pathname } = new URL(JSON.parse(out).url);
    expect((await fetch(`${server.url}${pathname}`)).status).toBe(200);
    expect(server.output()).toContain('ALARM');
  });

  it('finds what was changed in the log afterwards', async () => {
    await server.stop();
    expect(await gatebook(server.dataDir, ['verify'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('no problems'),
    });
    const database = await openDatabase({ dataDir: server.dataDir, log: { info() {}, warn() {}, error() {} } });
    await database.query('alter table es.events disable trigger all');
    await database.query(`update es.events set recorded_at = '2020-01-01T00:00:00.000Z' where position = 3`);
    await database.close();
    const { code, out } = await gatebookAlone(server.dataDir, ['verify']);
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('hash-differs at 3') });
  });
});

/** The first administrator gets in once; who has lost every key gets back in from the host; both leave a record. */
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askForRecoveryLink } from '#libs/configuration';
import {
  eventually,
  type ProvisioningServer,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';
import { FirstStart } from './first-start.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
const linkFile = join(folder.path, 'setup-link.txt');
let server: ProvisioningServer;
beforeAll(async () => {
  server = await startProvisioning(folder.path);
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

const issued = async () => {
  const { events } = await server.path.store.readLog({ after: -1, categories: ['setupLink'] });
  return events.map(({ data }) => data as { purpose: string; tokenSha256: string; expiresAt: string });
};

describe('the first start', () => {
  it('leaves a link in a file that only its owner can read, and its hash in the log', async () => {
    const link = readFileSync(linkFile, 'utf8').trim();
    expect(link).toMatch(/^http:\/\/localhost:3000\/setup\/[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}$/);
    expect(statSync(linkFile).mode & 0o777).toBe(0o600);
    expect(server.app.get(FirstStart, { strict: false }).link).toBe(link);
    const secret = link.split('.').at(-1) as string;
    expect(await issued()).toMatchObject([{ purpose: 'setup' }]);
    expect(JSON.stringify(await issued())).not.toContain(secret);
    expect(server.logged.join()).not.toContain(secret);
  });

  it('says the same link again at the next start while it is open', async () => {
    const link = readFileSync(linkFile, 'utf8');
    await server.close();
    server = await startProvisioning(folder.path);
    expect(readFileSync(linkFile, 'utf8')).toBe(link);
    expect(await issued()).toHaveLength(1);
  });
});

describe('a request for access on the host', () => {
  it('is answered, recorded, and raises an alarm', async () => {
    const link = await askForRecoveryLink(folder.path, 10_000);
    expect(link?.url).toMatch(/\/setup\/[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}$/);
    expect((await issued()).map(({ purpose }) => purpose)).toEqual(['setup', 'recovery']);
    expect(server.logged.join()).toContain('ALARM');
    expect(existsSync(join(folder.path, 'recover-access.link'))).toBe(false);
  });

  it('that others could have written is removed and not answered', async () => {
    const file = join(folder.path, 'recover-access.request');
    writeFileSync(file, '0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f');
    chmodSync(file, 0o666);
    await eventually(async () => existsSync(file), false);
    await eventually(async () => server.logged.join().includes('was refused'), true);
    expect(await issued()).toHaveLength(2);
  });
});

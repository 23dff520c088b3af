/** The demo starts only on loopback, and keeps the key that it made at its first start. */
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DemoIdpModule, demoIdpSettings } from './index.js';

const clock = { now: () => new Date('2026-03-01T12:00:00Z') };
const baseUrl = 'http://127.0.0.1:3000/demo-idp';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'demo-idp-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

describe('the address of the demo', () => {
  it.each([
    'http://127.0.0.1:3000',
    'http://127.8.0.1',
    'http://localhost:3000',
    'http://[::1]:3000',
    'https://localhost',
  ])('may be %s', (origin) => {
    const options = { baseUrl: `${origin}/demo-idp`, dataDir, clock, serviceProviders: [] };
    expect(() => DemoIdpModule.register(options)).not.toThrow();
  });

  it.each([
    'http://gatebook.acme.example/demo-idp',
    'http://0.0.0.0:3000/demo-idp',
    'http://10.0.0.7/demo-idp',
    'http://127.0.0.1.acme.example/demo-idp',
    'http://localhost.acme.example/demo-idp',
    'http://localhost@acme.example/demo-idp',
    'http://[::2]/demo-idp',
  ])('is refused outside loopback: %s', async (outside) => {
    const options = { baseUrl: outside, dataDir, clock, serviceProviders: [] };
    expect(() => DemoIdpModule.register(options)).toThrow('only on loopback');
    await expect(demoIdpSettings(options)).rejects.toThrow('only on loopback');
  });

  it.each(['localhost:3000', '', 'ftp://localhost/demo-idp', `${baseUrl}/`, `${baseUrl}?a=b`, 'http://localhost/idp'])(
    'is refused when the routes would not be there: %j',
    (bad) => {
      expect(() => DemoIdpModule.register({ baseUrl: bad, dataDir, clock, serviceProviders: [] })).toThrow();
    },
  );
});

describe('the key of the demo', () => {
  it('is made once, readable by its owner alone, and read back after a restart', async () => {
    const first = await demoIdpSettings({ baseUrl, dataDir, clock });
    const second = await demoIdpSettings({ baseUrl, dataDir, clock });
    expect(second).toEqual(first);
    expect(first).toMatchObject({ idpEntityId: `${baseUrl}/metadata`, ssoUrl: `${baseUrl}/sso` });
    expect((await stat(join(dataDir, 'demo-idp', 'identity-provider.pem'))).mode & 0o777).toBe(0o600);
  });

  it('is the same for all who start at the same time', async () => {
    const starts = await Promise.all(Array.from({ length: 4 }, () => demoIdpSettings({ baseUrl, dataDir, clock })));
    expect(new Set(starts.map((settings) => settings.certificatePem)).size).toBe(1);
    expect(await readdir(join(dataDir, 'demo-idp'))).toEqual(['identity-provider.pem']);
  });

  it('is not silently replaced when the file is damaged', async () => {
    await demoIdpSettings({ baseUrl, dataDir, clock });
    await writeFile(join(dataDir, 'demo-idp', 'identity-provider.pem'), 'damaged');
    await expect(demoIdpSettings({ baseUrl, dataDir, clock })).rejects.toThrow('Delete it and start again');
  });
});

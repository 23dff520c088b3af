import { createServer } from 'node:net';
import { dataFolder, freePort, type StartedServer, startRefused, startServer } from './support/started-server.js';

// Goal: a start either works or says in words what to do, and never harms what is there.
describe('starting', () => {
  it('says that the port is taken, and how to choose another', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((listening) => other.listen(port, '127.0.0.1', listening));
    try {
      const { code, output } = await startRefused({ port });
      expect(code).toBe(1);
      expect(output).toContain(`Port ${port} on 127.0.0.1 is taken`);
      expect(output).not.toContain('    at ');
    } finally {
      other.close();
    }
  }, 60_000);

  describe('while another process holds the data folder', () => {
    let first: StartedServer;
    beforeAll(async () => {
      first = await startServer();
    }, 60_000);
    afterAll(() => first?.stop());

    it('refuses with the folder and the process, and leaves the first one unharmed', async () => {
      const { code, output } = await startRefused({ dataDir: first.dataDir });
      expect(code).toBe(1);
      expect(output).toContain(first.dataDir);
      expect(output).toContain(String(first.process.pid));
      expect((await fetch(`${first.url}/health/ready`)).status).toBe(200);
    }, 60_000);

    it('shows live, ready and metrics without a key, and nothing of any customer', async () => {
      const [live, ready, metrics] = await Promise.all(
        ['/health/live', '/health/ready', '/metrics'].map((path) => fetch(`${first.url}${path}`)),
      );
      expect([live?.status, ready?.status, metrics?.status]).toEqual([200, 200, 200]);
      expect(await metrics?.text()).not.toContain('acme');
    });
  });

  it.each([
    [{ PORT: 'http' }, 'PORT'],
    [{ GATEBOOK_PUBLIC_URL: 'http://gatebook.example' }, 'https'],
    [{ GATEBOOK_ADMIN_KEY: 'short' }, 'GATEBOOK_ADMIN_KEY'],
    [{ GATEBOOK_CONFIG: '/nowhere/gatebook.yaml' }, '/nowhere/gatebook.yaml'],
    [{ EVENT_STORE_URL: 'http://localhost:2113' }, 'EVENT_STORE_URL'],
    [{ KAFKA_BROKERS: 'localhost' }, 'KAFKA_BROKERS'],
  ])(
    'refuses %j with a reason',
    async (env, told) => {
      const { code, output } = await startRefused({ dataDir: dataFolder(), env });
      expect(code).toBe(1);
      expect(output).toContain(told);
      expect(output).not.toContain('    at ');
    },
    60_000,
  );
});

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BrowserLess, textOf } from './support/browser-less.js';
import { api } from './support/installation.js';
import { type StartedServer, startServer } from './support/started-server.js';

// Goal: the first administrator gets in by a link that works once, and nobody else does.
describe('the first administrator', () => {
  let server: StartedServer;
  let link: string;
  beforeAll(async () => {
    server = await startServer();
    link = readFileSync(join(server.dataDir, 'setup-link.txt'), 'utf8').trim();
  }, 60_000);
  afterAll(() => server?.stop());

  it('finds the link in a file that only the operator can read, and not in the log', () => {
    expect((statSync(join(server.dataDir, 'setup-link.txt')).mode & 0o777).toString(8)).toBe('600');
    expect(link).toMatch(/^http:\/\/localhost:\d+\/setup\/[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}$/);
    expect(server.output()).not.toContain(link.split('.').at(-1));
  });

  it('may open the page as often as they like: only the button uses the link up', async () => {
    for (const visit of [1, 2]) expect([visit, (await fetch(link)).status]).toEqual([visit, 200]);
  });

  it('is not helped by another site that posts the form', async () => {
    expect((await new BrowserLess().submit(link, {}, 'https://evil.example/')).status).toBe(404);
  });

  it('gets a key of the installation, shown once, whose making is recorded', async () => {
    const answer = await new BrowserLess().submit(link, {});
    const key = /gbk_[0-9a-f-]{36}_[A-Za-z0-9_-]{43}/.exec(textOf(await answer.text()))?.[0] ?? '';
    const listed = await api(server, '/api/v1/accounts', { key });
    expect([answer.status, listed.status]).toEqual([200, 200]);
    const events = await api(server, '/api/v1/events?type=SetupLinkUsed', { key });
    expect(events.body.items).toHaveLength(1);
  });

  it('finds the link used up, and a made-up link no better', async () => {
    expect((await fetch(link)).status).toBe(404);
    expect((await new BrowserLess().submit(link, {})).status).toBe(404);
    expect((await fetch(`${server.url}/setup/${'0'.repeat(80)}`)).status).toBe(404);
  });
});

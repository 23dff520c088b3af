import { createHash } from 'node:crypto';
import { BrowserLess } from './support/browser-less.js';
import {
  type ApiAnswer,
  api,
  eventually,
  type Installation,
  signIn,
  startInstallation,
} from './support/installation.js';
import type { TestPerson } from './support/test-idp.js';

// Goal: what an auditor is handed answers for itself: whole, hashed, on record, and the same when it is asked for again.
// Method: people sign in through a real server; reports are asked for over HTTP, and the server is killed while it makes some.

const ada: TestPerson = { nameId: 'id-of-ada', email: 'ada@acme.example', groups: ['crm-admins'] };
const grace: TestPerson = {
  nameId: 'id-of-grace',
  email: 'grace@acme.example',
  firstName: 'Grace',
  lastName: 'Hopper',
};
const FORMATS = ['csv', 'xlsx', 'json', 'html'];

/** How long a report may take on a loaded machine, in milliseconds. */
const MADE_WITHIN_MS = 60_000;

describe('reports, from a sign-in to a file with its evidence', () => {
  let installation: Installation;
  let auditor: string;
  let blind: string;
  const keyWith = async (scopes: readonly string[]): Promise<string> => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const body = { tenant: 'acme', name: 'reports', scopes, expiresAt, reason: 'for this story' };
    return (await api(installation.server, '/api/v1/keys', { method: 'POST', body })).body.secret;
  };
  beforeAll(async () => {
    installation = await startInstallation();
    auditor = await keyWith(['audit:read', 'personal:read', 'reports:write']);
    blind = await keyWith(['audit:read', 'reports:write']);
    await signIn(new BrowserLess(), installation, ada);
    await signIn(new BrowserLess(), installation, grace);
  }, 90_000);
  afterAll(() => installation?.server.stop());

  const ask = async (body: object, key = auditor): Promise<string> => {
    const { status, body: answer } = await api(installation.server, '/api/v1/reports', { key, method: 'POST', body });
    expect({ status, code: answer.code }).toEqual({ status: 202, code: undefined });
    return answer.id;
  };
  const ended = async (id: string, key = auditor): Promise<ApiAnswer['body']> => {
    const deadline = Date.now() + MADE_WITHIN_MS;
    for (;;) {
      const { body } = await api(installation.server, `/api/v1/reports/${id}`, { key });
      if (!['queued', 'running'].includes(body.status)) return body;
      if (Date.now() > deadline) throw new Error(`Not made in time: ${JSON.stringify(body)}`);
      await new Promise((next) => setTimeout(next, 50));
    }
  };
  const download = async (url: string, key = auditor): Promise<Buffer> => {
    const answer = await fetch(`${installation.server.url}${url}`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };
  const hashes = ({ files }: ApiAnswer['body']) =>
    files.slice(0, FORMATS.length).map(({ name, sha256 }: { name: string; sha256: string }) => [name, sha256]);

  it('whoever signed in a moment ago is in it, and the sheet says that it is all', async () => {
    const report = await ended(await ask({ kind: 'access', tenant: 'acme', formats: FORMATS }));
    expect(report).toMatchObject({ status: 'done', progress: 1, failure: null });
    expect(report.evidence).toMatchObject({
      tenant: 'acme',
      kind: 'access',
      knownAt: report.knownAt,
      gaps: 0,
      lag: 0,
      parkedStreams: 0,
      truncated: false,
      complete: true,
      problems: [],
    });
    expect(report.evidence.events.sealed).toBe(report.evidence.events.projected);
    const csv = (await download(report.files[0].url)).toString();
    expect(csv).toContain('ada@acme.example');
    expect(csv.split('\r\n').length - 2).toBe(report.evidence.rows);
  });

  it('every file is what its hash says, in the answer, in the sheet, and in the log', async () => {
    const report = await ended(await ask({ kind: 'access', formats: FORMATS }));
    expect(report.files.map(({ name }: { name: string }) => name)).toEqual([
      ...FORMATS.map((format) => `access.${format}`),
      'evidence.json',
    ]);
    const taken = await Promise.all(report.files.map(({ url }: { url: string }) => download(url)));
    const found = taken.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
    expect(found).toEqual(report.files.map(({ sha256 }: { sha256: string }) => sha256));
    const sheet = JSON.parse(String(taken.at(-1)));
    expect(sheet.files.map(({ sha256 }: { sha256: string }) => sha256)).toEqual(found.slice(0, -1));
    const { body } = await eventually(
      () => api(installation.server, '/api/v1/events?type=ReportGenerated&limit=200', { key: auditor }),
      (answer) => answer.body.items.some(({ data }: { data: { report: string } }) => data.report === report.id),
    );
    const recorded = body.items.find(({ data }: { data: { report: string } }) => data.report === report.id);
    expect(recorded.data.files.slice(0, -1).map(({ sha256 }: { sha256: string }) => sha256)).toEqual(found);
  });

  it('shows nobody’s name to a key that may not see names', async () => {
    const report = await ended(await ask({ kind: 'access', formats: ['csv', 'html'] }, blind), blind);
    const texts = await Promise.all(report.files.map(({ url }: { url: string }) => download(url, blind)));
    for (const text of texts.map(String)) expect(text).not.toMatch(/ada@|Lovelace|grace@|Hopper/);
    expect(String(texts[0])).toContain('[withheld]');
    const { body } = await api(installation.server, '/api/v1/events?type=AuditRead&limit=200', { key: auditor });
    expect(JSON.stringify(body.items)).not.toContain('ada@');
  });

  it('is the same to the byte when the server is killed while it makes it, and when it is asked for later', async () => {
    const before = await ended(await ask({ kind: 'access', formats: FORMATS }));
    const { asOf, knownAt } = before;
    const waiting = await Promise.all([1, 2, 3, 4].map(() => ask({ kind: 'access', asOf, knownAt, formats: FORMATS })));
    await installation.server.kill();
    await installation.restart();
    const after = await Promise.all(waiting.map((id) => ended(id)));
    expect(after.map(({ status }) => status)).toEqual(waiting.map(() => 'done'));
    for (const report of after) expect(hashes(report)).toEqual(hashes(before));
  }, 120_000);

  it('tells what it cannot answer', async () => {
    const refusals = await Promise.all(
      [{ kind: 'nothing' }, { kind: 'access', asOf: '2999-01-01' }, { kind: 'access', knownAt: 999_999_999 }].map(
        (body) => api(installation.server, '/api/v1/reports', { key: auditor, method: 'POST', body }),
      ),
    );
    expect(refusals.map(({ status, body }) => [status, body.code])).toEqual([
      [400, 'unknown-report'],
      [422, 'date-in-future'],
      [422, 'known-at-beyond-log'],
    ]);
  });
});

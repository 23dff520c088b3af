/** What an auditor does with a report: takes it home with the log, verifies it there, and draws a sample. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RolesAssigned } from '#libs/contracts';
import { type SampleKit, verifyFolder } from '#libs/reports';
import {
  ada,
  assigned,
  bo,
  by,
  connectionRegistered,
  type Fact,
  historyOf,
  provisioned,
  roleDefined,
  rule,
  signedIn,
  signInId,
  tenantRegistered,
  writeHistory,
} from '#libs/testing';
import { type AuditServerUnderTest, startAuditServer } from '../audit-server.fixture.js';
import type { ReportDto } from '../reports/reports.dto.js';

const MADE_WITHIN_MS = 20_000;
const POLL_MS = 25;

/** What two facts say about one account, said by one event: a sign-in gives a role by each rule that it matches. */
const atOnce = (one: Fact, other: Fact): Fact => ({
  ...one,
  event: (at) => {
    const [first, second] = [one.event(at), other.event(at)] as [RolesAssigned, RolesAssigned];
    const grants = [...first.data.grants, ...second.data.grants];
    return { ...first, data: { ...first.data, grants, because: [...first.data.because, ...second.data.because] } };
  },
});

const history = historyOf(
  tenantRegistered('acme'),
  roleDefined('crm.admin'),
  roleDefined('crm.reader'),
  connectionRegistered('okta', [
    rule('admins', 'crm-admins', ['crm.admin']),
    rule('leads', 'team-leads', ['crm.admin'], 3),
  ]),
  signedIn(ada, 'okta', { nth: 1, groups: ['crm-admins', 'team-leads'] }),
  provisioned(ada, { evidence: signInId(ada, 1) }),
  atOnce(
    assigned(ada, 'crm.admin', by('okta', 'admins'), { evidence: signInId(ada, 1) }),
    assigned(ada, 'crm.admin', by('okta', 'leads', { rule: 3 }), { nth: 2, evidence: signInId(ada, 1) }),
  ),
  provisioned(bo),
  assigned(bo, 'crm.reader'),
);

jest.setTimeout(60_000);

describe('a report in the hands of an auditor', () => {
  let server: AuditServerUnderTest;
  let report: ReportDto;
  let folder: string;

  const fetched = (path: string, key = 'acme-auditor') =>
    fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  const sample = (query: string, key?: string) => fetched(`/api/v1/reports/${report.id}/sample?${query}`, key);
  const kit = async (query: string, key?: string) =>
    (await (await sample(`${query}&format=json`, key)).json()) as SampleKit;

  beforeAll(async () => {
    server = await startAuditServer('2026-03-10T00:00:00.000Z');
    await writeHistory(server, history);
    await server.catchUp();
    report = await made();
    folder = mkdtempSync(join(tmpdir(), 'gatebook-audit-'));
    for (const { name, url } of report.files) writeFileSync(join(folder, name), await (await fetched(url)).text());
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is complete and verifies offline, with the log to the sheet itself', async () => {
    await server.catchUp();
    writeFileSync(join(folder, 'events.ndjson'), await (await fetched('/api/v1/events/export')).text());
    const { verdict, recorded, checks } = await verifyFolder(folder);
    expect(checks.filter(({ holds }) => !holds)).toEqual([]);
    expect({ verdict, recorded }).toEqual({ verdict: 'consistent', recorded: true });
  });

  it('does not verify once a single letter of a file is another', async () => {
    const [csv] = report.files;
    const text = await (await fetched(csv?.url ?? '')).text();
    writeFileSync(join(folder, csv?.name ?? ''), text.replace('crm.reader', 'crm.render'));
    expect((await verifyFolder(folder)).verdict).toBe('invalid');
    writeFileSync(join(folder, csv?.name ?? ''), text);
  });

  it('gives the same sample to the same seed', async () => {
    const [one, again] = [
      await sample('seed=2026-Q1&size=2&format=json'),
      await sample('seed=2026-Q1&size=2&format=json'),
    ];
    expect(await one.text()).toBe(await again.text());
  });

  it('gives with each row why it is so, and the events that say it, as they were sealed', async () => {
    const { rows, population } = await kit('seed=s&size=3');
    expect(population).toBe(3);
    const adas = rows.find(({ cells }) => cells['rule'] === 'admins');
    expect(adas?.because[0]?.text).toContain('The rule admins of the connection okta');
    expect(new Set(adas?.events.map(({ type }) => type))).toEqual(
      new Set(['ConnectionRegistered', 'SignedIn', 'UserProvisioned', 'RolesAssigned']),
    );
    const events = await exportedEvents();
    const hashes = new Map(events.map(({ id, hash }) => [id, hash]));
    for (const { id, hash } of rows.flatMap((row) => row.events)) expect(hash).toBe(hashes.get(id));
  });

  it('tells two grants of one role apart that came by two rules at one sign-in', async () => {
    const { rows } = await kit('seed=s&size=3');
    const adas = rows.filter(({ cells }) => cells['role'] === 'crm.admin');
    expect(adas.map(({ cells }) => cells['rule']).sort()).toEqual(['admins', 'leads']);
    for (const { cells, because } of adas)
      expect(because[0]?.text).toContain(`The rule ${cells['rule']} of the connection okta`);
  });

  it('gives the sample as a page that needs nothing else', async () => {
    const response = await sample('seed=s&size=1');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await response.text();
    expect(page).toContain('Drawn by');
    expect(page).not.toMatch(/<script|<img|<link|src=/);
  });

  it('records who took the sample', async () => {
    await server.catchUp();
    const response = await fetched('/api/v1/events?type=AuditRead&limit=200');
    const { items } = (await response.json()) as { items: { data: object }[] };
    expect(items.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ what: 'sample', report: report.id, file: 'access-sample.html', personal: true }),
    );
  });

  it.each([
    ['no seed', 'size=2', 'acme-auditor', 400],
    ['no size', 'seed=s', 'acme-auditor', 400],
    ['too large a size', 'seed=s&size=101', 'acme-auditor', 400],
    ['another format', 'seed=s&size=1&format=csv', 'acme-auditor', 400],
    ['somebody without personal:read, where the report shows personal data', 'seed=s&size=1', 'acme-blind', 403],
    ['another tenant', 'seed=s&size=1', 'globex', 404],
  ])('refuses a sample with %s', async (_what, query, key, status) =>
    expect((await sample(query, key)).status).toBe(status),
  );

  async function made(): Promise<ReportDto> {
    const asked = await fetch(`${server.url}/api/v1/reports`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer acme-auditor',
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({ kind: 'access', formats: ['csv', 'json', 'html'] }),
    });
    const { id } = (await asked.json()) as { id: string };
    for (const deadline = Date.now() + MADE_WITHIN_MS; Date.now() < deadline; ) {
      const found = (await (await fetched(`/api/v1/reports/${id}`)).json()) as ReportDto;
      if (found.status === 'done') return found;
      await new Promise((next) => setTimeout(next, POLL_MS));
    }
    throw new Error('The report was not made in time.');
  }

  async function exportedEvents(): Promise<{ id: string; hash: string }[]> {
    const lines = (await (await fetched('/api/v1/events/export')).text()).trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as { id: string; hash: string });
  }
});

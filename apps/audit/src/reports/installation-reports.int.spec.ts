/** What no customer's report tells: the installation's own keys, configurations and refusals, for those who run it. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiKeyCreated, ConfigurationApplied, SignInRefused } from '#libs/contracts';
import { INSTALLATION_TENANT } from '#libs/kernel';
import { type SampleKit, verifyFolder } from '#libs/reports';
import {
  ada,
  doneBy,
  type Fact,
  historyOf,
  provisioned,
  roleDefined,
  seededId,
  tenantRegistered,
  writeHistory,
} from '#libs/testing';
import { type AuditServerUnderTest, startAuditServer } from '../audit-server.fixture.js';
import type { ReportDto, ReportsDto } from './reports.dto.js';

const MADE_WITHIN_MS = 20_000;
const [MASTER, ACMES] = [seededId('key', 'master'), seededId('key', 'acme')];

const keyCreated = (tenant: string, key: string, name: string): Fact => ({
  ...{ category: 'apiKey', tenant, id: key },
  event: (): ApiKeyCreated => ({
    type: 'ApiKeyCreated',
    data: {
      key,
      name,
      scopes: ['admin'],
      expiresAt: '2027-01-01T00:00:00.000Z',
      secretSha256: 'ab'.repeat(32),
      reason: 'for tests',
    },
  }),
});

const applied: Fact = {
  ...{ category: 'configuration', tenant: INSTALLATION_TENANT, id: 'file' },
  event: (): ConfigurationApplied => ({
    type: 'ConfigurationApplied',
    data: { hash: 'cd'.repeat(32), changes: 2, prune: false },
  }),
};

/** Somebody came to an address of no connection. */
const refused: Fact = {
  ...{ category: 'signInRefusal', tenant: INSTALLATION_TENANT, id: seededId('refusal', 'nowhere') },
  event: (at): SignInRefused => ({
    type: 'SignInRefused',
    data: {
      ...{
        connection: null,
        connectionVersion: null,
        code: 'unknown-connection',
        rule: null,
        verified: false,
        count: 1,
      },
      ...{ account: null, evidence: null, proof: null, subject: null, claims: null, client: null },
      ...{ from: at, to: at, softwareVersion: '0.1.0' },
    },
  }),
};

const history = historyOf(
  tenantRegistered('acme'),
  roleDefined('crm.reader'),
  doneBy({ kind: 'key', id: MASTER }, keyCreated(INSTALLATION_TENANT, MASTER, 'first')),
  doneBy({ kind: 'key', id: MASTER }, keyCreated('acme', ACMES, 'nightly')),
  doneBy({ kind: 'key', id: MASTER }, applied),
  refused,
  provisioned(ada),
);

jest.setTimeout(60_000);

describe('a report about the installation itself', () => {
  let server: AuditServerUnderTest;
  beforeAll(async () => {
    server = await startAuditServer('2026-03-10T00:00:00.000Z');
    await writeHistory(server, history);
    await server.catchUp();
  });
  afterAll(() => server?.close());

  const fetched = (path: string, key = 'installation') =>
    fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  const ask = (body: object, key = 'installation') =>
    fetch(`${server.url}/api/v1/reports`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({ tenant: INSTALLATION_TENANT, formats: ['json'], ...body }),
    });
  const cancel = (id: string, key = 'installation') =>
    fetch(`${server.url}/api/v1/reports/${id}/cancel`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'idempotency-key': randomUUID() },
    });
  const made = async (kind: string): Promise<ReportDto> => {
    const asked = await ask({ kind, knownAt: history.length }); // position 0 is that of the installation
    const { id } = (await asked.json()) as { id: string };
    for (const deadline = Date.now() + MADE_WITHIN_MS; ; ) {
      const report = (await (await fetched(`/api/v1/reports/${id}`)).json()) as ReportDto;
      if (!['queued', 'running'].includes(report.status)) return report;
      if (Date.now() > deadline) throw new Error(`Not made in time: ${JSON.stringify(report)}`);
      await new Promise((next) => setTimeout(next, 25));
    }
  };
  const rowsOf = async ({ files }: ReportDto) =>
    ((await (await fetched(files[0]?.url ?? '')).json()) as { rows: Record<string, unknown>[] }).rows;

  it.each([
    [
      'administrators',
      [{ action: 'ApiKeyCreated', actor: MASTER, target: MASTER }, { action: 'ConfigurationApplied' }],
    ],
    ['configuration', [{ what: 'ApiKeyCreated', target: MASTER }, { what: 'ConfigurationApplied' }]],
    ['refusals', [{ code: 'unknown-connection' }]],
  ])('tells, as %s, what belongs to no customer, and nothing else', async (kind, rows) => {
    const report = await made(kind);
    expect(report).toMatchObject({
      ...{ tenant: INSTALLATION_TENANT, status: 'done', timeZone: 'UTC', rows: rows.length },
      evidence: { complete: true, problems: [], gaps: 0 },
    });
    expect(await rowsOf(report)).toMatchObject(rows);
  });

  it('verifies offline with the log of the installation', async () => {
    const { files } = await made('administrators');
    const folder = mkdtempSync(join(tmpdir(), 'gatebook-installation-'));
    try {
      await server.catchUp(); // that the report was made is in the log, too
      for (const { name, url } of files) writeFileSync(join(folder, name), await (await fetched(url)).text());
      const log = await (await fetched(`/api/v1/events/export?tenant=${INSTALLATION_TENANT}`)).text();
      writeFileSync(join(folder, 'log.ndjson'), log);
      expect(await verifyFolder(folder)).toMatchObject({ verdict: 'consistent', recorded: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is sampled with the events that it rests on', async () => {
    const { id } = await made('configuration');
    const drawn = await fetched(`/api/v1/reports/${id}/sample?seed=s&size=2&format=json`);
    const { population, rows } = (await drawn.json()) as SampleKit;
    expect(population).toBe(2);
    expect(rows.map(({ events }) => events.map(({ type }) => type)).sort()).toEqual([
      ...[['ApiKeyCreated'], ['ConfigurationApplied']],
    ]);
  });

  it('is nobody else’s', async () => {
    const { id, files } = await made('administrators');
    const report = `/api/v1/reports/${id}`;
    const listing = `/api/v1/reports?tenant=${INSTALLATION_TENANT}`;
    for (const path of [report, files[0]?.url ?? '', `${report}/sample?seed=s&size=1`, listing])
      expect((await fetched(path, 'acme-auditor')).status).toBe(404);
    expect((await cancel(id, 'acme-auditor')).status).toBe(404);
    expect((await cancel(id)).status).toBe(409); // it is theirs, and done
    expect((await ask({ kind: 'administrators' }, 'acme-auditor')).status).toBe(404);
    const listed = (await (await fetched(`/api/v1/reports?tenant=${INSTALLATION_TENANT}`)).json()) as ReportsDto;
    expect(listed.items.map((report) => report.id)).toContain(id);
    const acmes = (await (await fetched('/api/v1/reports?tenant=acme')).json()) as ReportsDto;
    expect(acmes.items).toEqual([]);
  });

  it('is not made where it would be about people', async () => {
    const response = await ask({ kind: 'access' });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: 'not-of-installation',
      detail:
        'access tells of a customer, and the installation itself is none. Name a customer as tenant; administrators, configuration, refusals also tell of the installation.',
    });
  });
});

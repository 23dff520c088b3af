/** Reports by the clock, on a real engine: asked for once, delivered whole, on record; over restarts and times that nobody was there for. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReportSchedule } from '#libs/contracts';
import { verifyFolder } from '#libs/reports';
import {
  ada,
  assigned,
  Chronicle,
  type Fact,
  provisioned,
  roleDefined,
  sampleTenantSettings,
  tenantRegistered,
  writeHistory,
} from '#libs/testing';
import { type AuditServerUnderTest, startAuditServer } from '../audit-server.fixture.js';
import type { ReportDto } from '../reports/reports.dto.js';

const HAPPENS_WITHIN_MS = 30_000;
const SECRET = 'whsec_c2hhcmVkIHdpdGggdGhlIHJlY2VpdmVy';

interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers at each path in turn with what it is told; then takes everything. */
const answers: Record<string, number[]> = {};
const calls: Call[] = [];
const receiver = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const path = request.url ?? '';
  calls.push({ path, headers: request.headers, body });
  response.writeHead(answers[path]?.shift() ?? 204).end();
});

const NO_FILTER = {
  account: null,
  role: null,
  application: null,
  connection: null,
  directory: null,
  department: null,
  privileged: null,
  review: null,
  policy: null,
};
const schedule = (id: string, over: Partial<ReportSchedule> = {}): ReportSchedule => ({
  id,
  kind: 'access',
  schedule: '0 6 1 * *',
  period: null,
  formats: ['csv', 'xlsx'],
  filter: { ...NO_FILTER, application: 'crm' },
  personal: true,
  deliver: { folder: null, webhook: null },
  ...over,
});

const withReports = (reports: readonly ReportSchedule[]): Fact => ({
  category: 'tenant',
  tenant: 'acme',
  id: 'acme',
  event: () => ({
    type: 'TenantChanged',
    data: { tenant: 'acme', settings: { ...sampleTenantSettings, reports }, changed: ['reports'], reason: null },
  }),
});

jest.setTimeout(180_000);

let server: AuditServerUnderTest;
let now: number;
const clock = { now: () => new Date(now) };
const at = (instant: string) => {
  now = Date.parse(instant);
};
let data: string;
let reportsFolder: string;
let chronicle: Chronicle;

beforeAll(() => new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening)));
afterAll(() => new Promise((closed) => receiver.close(closed)));
const begin = () => {
  data = mkdtempSync(join(tmpdir(), 'gatebook-schedules-'));
  reportsFolder = mkdtempSync(join(tmpdir(), 'gatebook-delivered-'));
  calls.length = 0;
};
const end = async () => {
  await server.close();
  for (const folder of [data, reportsFolder]) rmSync(folder, { recursive: true, force: true });
};

const receiverUrl = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
const start = async (environment: Readonly<Record<string, string>> = { GATEBOOK_REPORTS_FOLDER: reportsFolder }) => {
  server = await startAuditServer('', {
    clock,
    folder: data,
    environment: { GATEBOOK_EGRESS_ALLOW: new URL(receiverUrl()).host, ...environment },
  });
};
const restart = async () => {
  await server.close();
  await start();
};
type Webhook = { readonly url: string; readonly secret: string };
/** Writes down a tenant with these schedules; they are told how to reach the receiver at a path. */
const told = async (reports: (webhookAt: (path: string) => Webhook) => readonly ReportSchedule[]) => {
  chronicle = new Chronicle();
  const secret = await server.secrets.put('acme', SECRET);
  const webhook = (path: string) => ({ url: `${receiverUrl()}${path}`, secret });
  const facts = [tenantRegistered('acme'), roleDefined('crm.admin'), provisioned(ada), assigned(ada, 'crm.admin')];
  await writeHistory(server, chronicle.record(...facts, withReports(reports(webhook))));
};
const listed = async (id: string): Promise<readonly ReportDto[]> => {
  await server.catchUp();
  const { body } = await server.get(`/api/v1/reports?schedule=${id}`, 'acme-auditor');
  return (body as { items: ReportDto[] }).items;
};
/** Waits until the newest report of a schedule is as it should be; meanwhile the log is sealed and taken in. */
const until = async (id: string, holds: (report: ReportDto) => boolean): Promise<ReportDto> => {
  const deadline = Date.now() + HAPPENS_WITHIN_MS;
  for (;;) {
    const [report] = await listed(id);
    if (report && holds(report)) return report;
    if (Date.now() > deadline) throw new Error(`Not in time: ${JSON.stringify(report)}`);
    await new Promise((next) => setTimeout(next, 50));
  }
};
const settled = ({ delivery }: ReportDto) => delivery.every(({ state }) => state !== 'queued');
/** Waits for what is on record about a report. */
const eventsOf = async (type: string, report: string) => {
  const deadline = Date.now() + HAPPENS_WITHIN_MS;
  for (;;) {
    await server.catchUp();
    const { body } = await server.get(`/api/v1/events?type=${type}`, 'acme-auditor');
    const { items } = body as { items: { data: { report: string }; metadata: { actor: object } }[] };
    const about = items.filter(({ data }) => data.report === report);
    if (about.length > 0 || Date.now() > deadline) return about;
    await new Promise((next) => setTimeout(next, 50));
  }
};

describe('a report by the clock', () => {
  beforeEach(begin);
  afterEach(end);

  it('is made when it is due, delivered whole to its folder, and on record', async () => {
    at('2026-03-31T12:00:00.000Z');
    await start();
    await told(() => [schedule('monthly-access', { deliver: { folder: 'finance/monthly', webhook: null } })]);
    at('2026-04-01T04:00:30.000Z');
    const report = await until('monthly-access', settled);
    expect(report).toMatchObject({
      schedule: 'monthly-access',
      scheduledFor: '2026-04-01T04:00:00.000Z',
      asOf: '2026-03-31T21:59:59.999Z',
      requestedBy: 'system:reports',
      personal: true,
      filter: { application: 'crm' },
      delivery: [{ channel: 'folder', state: 'delivered', attempts: 1, code: null }],
    });
    const folder = join(reportsFolder, 'acme', 'finance', 'monthly', '2026-04-01T0400Z-monthly-access');
    expect(readdirSync(folder).sort()).toEqual(['access.csv', 'access.xlsx', 'evidence.html', 'evidence.json']);
    const { report: found, checks } = await verifyFolder(folder);
    expect(found).toMatchObject({ id: report.id, rows: 1 });
    expect([checks.length > 0, checks.filter(({ holds }) => !holds)]).toEqual([true, []]);
    expect(await eventsOf('ReportDelivered', report.id)).toMatchObject([
      {
        data: { report: report.id, schedule: 'monthly-access', channel: 'folder', attempts: 1 },
        metadata: { actor: { kind: 'system', id: 'reports' } },
      },
    ]);
    expect(await eventsOf('ReportGenerated', report.id)).toMatchObject([
      { data: { schedule: 'monthly-access', rows: 1 } },
    ]);
  });

  it('comes once for each of its times, over restarts; of times that were missed the last', async () => {
    at('2026-03-31T12:00:00.000Z');
    await start();
    await told(() => [schedule('monthly-access', { formats: ['csv'] })]);
    const dueAt = async () => (await listed('monthly-access')).map(({ scheduledFor }) => scheduledFor);
    const made = (time: string) =>
      until('monthly-access', ({ scheduledFor, status }) => scheduledFor === time && status === 'done');
    at('2026-04-01T04:00:00.000Z');
    await made('2026-04-01T04:00:00.000Z');
    await restart();
    at('2026-05-01T04:00:00.000Z');
    await made('2026-05-01T04:00:00.000Z');
    await server.close();
    at('2026-08-20T12:00:00.000Z');
    await start();
    await made('2026-08-01T04:00:00.000Z');
    expect(await dueAt()).toEqual(['2026-08-01T04:00:00.000Z', '2026-05-01T04:00:00.000Z', '2026-04-01T04:00:00.000Z']);
  });
});

describe('on a server without a folder, a report', () => {
  beforeAll(async () => {
    begin();
    at('2026-03-31T12:00:00.000Z');
    await start({});
    await told((webhookAt) => [
      schedule('quarterly-changes', {
        kind: 'access-changes',
        period: 'previousQuarter',
        schedule: '0 6 1 */3 *',
        deliver: { folder: null, webhook: webhookAt('/reports') },
      }),
      schedule('unwanted', { schedule: '0 6 2 * *', deliver: { folder: null, webhook: webhookAt('/unwanted') } }),
      schedule('homeless', {
        schedule: '0 6 3 * *',
        formats: ['csv'],
        deliver: { folder: 'monthly', webhook: null },
      }),
    ]);
  });
  afterAll(end);

  it('is told to its receiver: signed, with hashes and addresses and no data; tried again until it is taken', async () => {
    answers['/reports'] = [503];
    at('2026-04-01T04:00:00.000Z');
    await until('quarterly-changes', ({ delivery }) => delivery[0]?.code === 'refused');
    expect(calls).toMatchObject([{ path: '/reports' }]);
    at('2026-04-01T04:00:06.000Z');
    const report = await until('quarterly-changes', settled);
    expect(report).toMatchObject({
      from: '2025-12-31T22:59:59.999Z',
      asOf: '2026-03-31T21:59:59.999Z',
      delivery: [{ channel: 'webhook', state: 'delivered', attempts: 2 }],
    });
    expect(calls).toMatchObject([{ path: '/reports' }, { path: '/reports' }]);
    const [first, second] = calls as [Call, Call];
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    for (const { headers, body } of calls) {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
      const expected = createHmac('sha256', key).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    }
    const { type, data: news } = JSON.parse(second.body);
    expect([type, news.report, news.rows, news.complete]).toEqual(['report-done', report.id, report.rows, true]);
    const files = [...report.files, ...(report.sheet ? [report.sheet] : [])];
    expect(news.files).toEqual(files.map((file) => ({ ...file, url: `http://localhost:3000${file.url}` })));
    expect(second.body).not.toContain('ada');
    expect(await eventsOf('ReportDelivered', report.id)).toMatchObject([{ data: { channel: 'webhook', attempts: 2 } }]);
  });

  it('that its receiver wants no more is given up, and that is on record', async () => {
    answers['/unwanted'] = [410];
    at('2026-04-02T04:00:00.000Z');
    const report = await until('unwanted', settled);
    expect(report.delivery).toMatchObject([{ state: 'failed', code: 'refused', attempts: 1 }]);
    expect(await eventsOf('ReportNotDelivered', report.id)).toMatchObject([
      { data: { report: report.id, schedule: 'unwanted', channel: 'webhook', attempts: 1, code: 'refused' } },
    ]);
  });

  it('waits for a folder that the server has not got, for about a day', async () => {
    at('2026-04-03T04:00:00.000Z');
    for (let tries = 1; tries <= 7; tries += 1) {
      await until('homeless', ({ delivery }) => delivery[0]?.attempts === tries && delivery[0].code === 'no-folder');
      now += 57_600_000;
    }
    const report = await until('homeless', settled);
    expect(report.delivery).toMatchObject([{ state: 'failed', code: 'no-folder', attempts: 8 }]);
    expect(await eventsOf('ReportNotDelivered', report.id)).toMatchObject([
      { data: { code: 'no-folder', attempts: 8 } },
    ]);
  });
});

describe('a report that the clock had asked for', () => {
  const ended = [
    ['failed', 'report-failed', '6d1f0c0e-4a53-5b0c-8f7d-2b9a1c3e5f70'],
    ['cancelled', 'report-cancelled', '6d1f0c0e-4a53-5b0c-8f7d-2b9a1c3e5f71'],
    ['done', 'no-channel', '6d1f0c0e-4a53-5b0c-8f7d-2b9a1c3e5f72'], // the configuration has no such schedule any more
  ] as const;
  beforeAll(async () => {
    begin();
    at('2026-04-01T04:00:00.000Z');
    await start();
    await told(() => []);
    for (const [status, , id] of ended)
      await server.database.query(
        `with asked as (
           insert into reports.jobs (id, tenant, kind, version, question, formats, command_digest, actor_kind, actor_id, requested_at, due_at,
                                     status, schedule, scheduled_for)
           values ($1, 'acme', 'access', 1, '{"filter":{}}', '{csv}', '', 'system', 'reports', $2, $2, $3, 'gone', $2))
         insert into reports.deliveries (report, channel, due_at) values ($1, 'webhook', $2)`,
        [id, clock.now(), status],
      );
  });
  afterAll(end);

  it.each(ended)('and that ended as %s is not delivered, and the record says why: %s', async (status, code, id) => {
    const attempts = status === 'done' ? 1 : 0;
    expect(await eventsOf('ReportNotDelivered', id)).toMatchObject([
      { data: { report: id, schedule: 'gone', channel: 'webhook', attempts, code } },
    ]);
    expect(calls).toEqual([]);
  });
});

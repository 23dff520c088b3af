/** Reports over HTTP, on a real engine: asked for, made by the job, downloaded; and what is refused, with what to do about it. */
import { createHash, randomUUID } from 'node:crypto';
import type { TenantChanged, TenantRegistered } from '#libs/contracts';
import {
  ada,
  assigned,
  bo,
  by,
  Chronicle,
  connectionRegistered,
  type Fact,
  provisioned,
  roleChanged,
  roleDefined,
  rule,
  sampleTenantSettings,
  signedIn,
  signInId,
  tenantRegistered,
  writeHistory,
  yusuf,
} from '#libs/testing';
import { type AuditServerUnderTest, startAuditServer } from '../audit-server.fixture.js';
import type { ReportDto } from './reports.dto.js';

const NOW = '2026-03-10T00:00:00.000Z';
const MADE_WITHIN_MS = 20_000;

/** A tenant that once had another directory and described another application. */
const tenantOnce = (directory: string, application: string): Fact => ({
  ...tenantRegistered('acme'),
  event: () => {
    const directories = [...sampleTenantSettings.directories, { id: directory, authority: {} }];
    const applications = [{ id: application, name: 'Once', owner: null }];
    const settings = { ...sampleTenantSettings, directories, applications };
    return { type: 'TenantRegistered', data: { tenant: 'acme', settings, reason: null } } as TenantRegistered;
  },
});
const tenantToday: Fact = {
  ...tenantRegistered('acme'),
  event: (): TenantChanged => ({
    type: 'TenantChanged',
    data: { tenant: 'acme', settings: sampleTenantSettings, changed: ['directories', 'applications'], reason: null },
  }),
};
const policyDefined: Fact = {
  category: 'policy',
  tenant: 'acme',
  id: 'duties',
  event: () => ({
    type: 'PolicyDefined',
    data: {
      policy: 'duties',
      settings: { kind: 'sod', roles: [['crm.admin'], ['mail.user']], mode: 'detective', owner: 'olga@acme.example' },
      enabled: true,
      managedBy: 'api',
      reason: null,
    },
  }),
};
const policyRemoved: Fact = {
  category: 'policy',
  tenant: 'acme',
  id: 'duties',
  event: () => ({ type: 'PolicyRemoved', data: { policy: 'duties', reason: null } }),
};

const chronicle = new Chronicle();
const history = chronicle.record(
  tenantOnce('partners', 'fax'),
  tenantToday,
  roleDefined('mail.user', { application: 'mail' }),
  roleChanged('mail.user', { application: 'post' }),
  policyDefined,
  policyRemoved,
  roleDefined('ledger.user', { application: 'ledger' }, 'globex'),
  tenantRegistered('globex'),
  roleDefined('crm.admin', { privileged: true, risk: 'high' }),
  connectionRegistered('okta', [rule('admins', 'crm-admins', ['crm.admin'])]),
  signedIn(ada, 'okta', { nth: 1, groups: ['crm-admins'] }),
  provisioned(ada, { evidence: signInId(ada, 1) }),
  assigned(ada, 'crm.admin', by('okta', 'admins'), { evidence: signInId(ada, 1) }),
  provisioned(yusuf),
  assigned(yusuf, 'crm.admin'),
);

/** A report that nothing need be waited for. Position 0 is the installation’s. */
const KNOWN = { kind: 'access', knownAt: history.length };

interface Answer<T = { code: string; detail: string }> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

jest.setTimeout(60_000);

describe('reports over HTTP', () => {
  let server: AuditServerUnderTest;
  beforeAll(async () => {
    server = await startAuditServer(NOW);
    await writeHistory(server, history);
    await server.catchUp();
  });
  afterAll(() => server?.close());

  const send = async <T>(method: string, path: string, key: string, body?: object, idempotencyKey?: string) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(method === 'POST' ? { 'idempotency-key': idempotencyKey ?? randomUUID() } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    const parsed = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null;
    return { status: response.status, headers: response.headers, text, body: parsed } as Answer<T>;
  };
  const post = <T = { id: string; code: string; detail: string }>(
    body: object,
    key = 'acme-auditor',
    idempotencyKey?: string,
  ) => send<T>('POST', '/api/v1/reports', key, body, idempotencyKey);
  const get = <T = ReportDto & { code: string }>(path: string, key = 'acme-auditor') =>
    send<T>('GET', `/api/v1/${path}`, key);
  const made = async (body: object, key = 'acme-auditor'): Promise<ReportDto> => {
    const asked = await post(body, key);
    expect({ status: asked.status, text: asked.status === 202 ? '' : asked.text }).toEqual({ status: 202, text: '' });
    const deadline = Date.now() + MADE_WITHIN_MS;
    for (;;) {
      const { body: report } = await get(`reports/${asked.body.id}`, key);
      if (!['queued', 'running'].includes(report.status)) return report;
      if (Date.now() > deadline) throw new Error(`Not made in time: ${JSON.stringify(report)}`);
      await new Promise((next) => setTimeout(next, 25));
    }
  };
  const eventsOf = async (type: string) => {
    await server.catchUp();
    const { body } = await get<{ items: { data: Record<string, unknown>; metadata: { actor: object } }[] }>(
      `events?type=${type}&limit=200`,
    );
    return body.items;
  };

  it('are asked for, made, and downloaded; every hash is that of the bytes', async () => {
    const report = await made({ kind: 'access', formats: ['csv', 'json'] });
    expect(report).toMatchObject({
      kind: 'access',
      tenant: 'acme',
      status: 'done',
      progress: 1,
      asOf: NOW,
      formats: ['csv', 'json'],
      requestedBy: 'key:acme-auditor',
      filesExpired: false,
    });
    expect(report.files.map(({ name }) => name)).toEqual(['access.csv', 'access.json', 'evidence.json']);
    expect(report.sheet).toMatchObject({ name: 'evidence.html' });
    for (const file of [...report.files, report.sheet]) {
      const { status, text, headers } = await send('GET', file?.url ?? '', 'acme-auditor');
      const sha256 = createHash('sha256').update(text).digest('hex');
      expect([status, sha256, text.length > 0]).toEqual([200, file?.sha256, true]);
      expect(headers.get('etag')).toBe(`"${file?.sha256}"`);
      expect(headers.get('content-length')).toBe(String(file?.bytes));
      expect(headers.get('content-disposition')).toBe(`attachment; filename="${file?.name}"`);
    }
    const csv = (await send('GET', report.files[0]?.url ?? '', 'acme-auditor')).text.split('\r\n');
    expect(csv).toHaveLength(1 + 1 + 1); // head, Ada’s role, the end of the last line
    expect(csv[1]).toContain('ada@acme.example');
    expect(report.evidence).toMatchObject({
      asOf: NOW,
      gaps: 0,
      rows: 1,
      truncated: false,
      complete: true,
      problems: [],
      positions: { from: 0 },
    });
  });

  it('withhold personal data from those who may not see them, and keep such files from them', async () => {
    const open = await made(KNOWN);
    const blind = await made({ ...KNOWN, formats: ['csv'] }, 'acme-reports');
    const file = async (report: ReportDto, key: string) => send('GET', report.files[0]?.url ?? '', key);
    const csv = await file(blind, 'acme-blind');
    expect([csv.status, csv.text.includes('[withheld]'), csv.text.includes('ada@')]).toEqual([200, true, false]);
    expect(blind.personal).toBe(false);
    expect(await file(open, 'acme-blind')).toMatchObject({ status: 403, body: { code: 'missing-scope' } });
    expect((await get(`reports/${open.id}`, 'acme-blind')).status).toBe(200);
  });

  it('are on record: who had them made, and who took which file', async () => {
    const report = await made(KNOWN);
    await send('GET', report.files[0]?.url ?? '', 'acme-blind');
    await send('GET', report.files[0]?.url ?? '', 'acme');
    const generated = (await eventsOf('ReportGenerated')).filter(({ data }) => data['report'] === report.id);
    expect(generated).toMatchObject([
      {
        data: { kind: 'access', rows: 1, complete: true, personal: true },
        metadata: { actor: { id: 'acme-auditor' } },
      },
    ]);
    expect(generated[0]?.data['files']).toEqual(
      [...report.files, report.sheet].map((file) => ({ name: file?.name, sha256: file?.sha256, bytes: file?.bytes })),
    );
    const read = (await eventsOf('AuditRead')).filter(({ data }) => data['report'] === report.id);
    expect(read).toMatchObject([
      {
        data: { what: 'report', file: 'access.csv', personal: true },
        metadata: { actor: { kind: 'key', id: 'acme' } },
      },
    ]);
  });

  it('asked again with the same question are the same to the byte, whatever has happened since', async () => {
    const first = await made({
      kind: 'access',
      asOf: '2026-03-01T12:00:00Z',
      formats: ['csv', 'xlsx', 'json', 'html'],
    });
    await writeHistory(server, chronicle.record(provisioned(bo), assigned(bo, 'crm.admin')));
    const { asOf, knownAt } = first;
    const again = await made({ kind: 'access', asOf, knownAt, formats: ['csv', 'xlsx', 'json', 'html'] });
    const hashes = ({ files }: ReportDto) => files.slice(0, 4).map(({ name, sha256 }) => [name, sha256]);
    expect(again.id).not.toBe(first.id);
    expect(hashes(again)).toEqual(hashes(first));
  });

  it.each<[string, object]>([
    ['an application that a role was of', { kind: 'access', filter: { application: 'mail' } }],
    ['an application that was described', { kind: 'access', filter: { application: 'fax' } }],
    ['a directory', { kind: 'access', filter: { directory: 'partners' } }],
    ['a policy', { kind: 'sod', filter: { policy: 'duties' } }],
  ])('are made about %s though it is no more', async (_what, body) => {
    expect(await made({ ...KNOWN, ...body })).toMatchObject({ status: 'done', rows: 0, evidence: { complete: true } });
  });

  it('take null for what is not said', async () => {
    const nothing = { asOf: null, from: null, to: null, timeZone: null, formats: null, filter: { role: null } };
    const report = await made({ ...KNOWN, kind: 'access-changes', ...nothing });
    expect(report).toMatchObject({ asOf: NOW, from: null, timeZone: 'Europe/Berlin', formats: ['csv'], filter: {} });
    await server.catchUp();
    expect(await made({ kind: 'access', knownAt: null })).toMatchObject({ knownAt: expect.any(Number) });
    expect((await made({ ...KNOWN, filter: null })).filter).toEqual({});
  });

  it('mean by a day its end in the tenant’s zone, or in the one that is named', async () => {
    const asked = async (body: object) => (await made({ ...KNOWN, asOf: '2026-03-05', ...body })).asOf;
    expect(await asked({ timeZone: 'Europe/Berlin' })).toBe('2026-03-05T22:59:59.999Z');
    expect(await asked({ timeZone: 'America/New_York' })).toBe('2026-03-06T04:59:59.999Z');
    expect(await asked({ asOf: '2026-03-05T00:00:00Z' })).toBe('2026-03-05T00:00:00.000Z');
  });

  it('are asked for once by one key of idempotency', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => post(KNOWN, 'acme-auditor', 'the-one')));
    expect([first?.status, second?.status]).toEqual([202, 202]);
    expect(second?.body.id).toBe(first?.body.id);
    const other = await post({ ...KNOWN, formats: ['json'] }, 'acme-auditor', 'the-one');
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  });

  it('are listed from the newest on, page by page', async () => {
    await made(KNOWN);
    await made(KNOWN);
    const first = await get<{ items: ReportDto[]; nextCursor: string }>('reports?limit=1');
    const second = await get<{ items: ReportDto[] }>(`reports?limit=1&cursor=${first.body.nextCursor}`);
    const [newest, older] = [first.body.items[0], second.body.items[0]];
    expect(newest && older && newest.requestedAt >= older.requestedAt && newest.id !== older.id).toBe(true);
    expect(await get('reports?cursor=WyJ4Il0')).toMatchObject({ status: 400, body: { code: 'invalid-cursor' } });
  });

  it('that are done cannot be cancelled; those of others do not exist', async () => {
    const report = await made(KNOWN);
    const cancel = (key: string) => send('POST', `/api/v1/reports/${report.id}/cancel`, key, {});
    expect(await cancel('acme-auditor')).toMatchObject({ status: 409, body: { code: 'report-ended' } });
    expect((await cancel('acme')).status).toBe(403);
    expect((await cancel('globex-auditor')).status).toBe(404);
  });

  describe('of another tenant', () => {
    it('do not exist', async () => {
      const report = await made(KNOWN);
      for (const path of [`reports/${report.id}`, `reports/${report.id}/files/access.csv`])
        expect(await get(path, 'globex')).toMatchObject({ status: 404, body: { code: 'not-found' } });
      const { body } = await get<{ items: object[] }>('reports', 'globex');
      expect(body.items).toEqual([]);
    });

    it('show nothing of this one', async () => {
      const report = await made(KNOWN, 'globex-auditor');
      const csv = await send('GET', report.files[0]?.url ?? '', 'globex');
      expect([csv.text.includes('yusuf'), csv.text.includes('ada')]).toEqual([true, false]);
    });
  });

  describe('are refused', () => {
    const cases: readonly [string, object, number, string][] = [
      ['of an unknown kind', { kind: 'everything' }, 400, 'unknown-report'],
      ['without a kind', {}, 400, 'unknown-report'],
      ['with an unknown field', { kind: 'access', rows: 1 }, 400, 'invalid-request'],
      ['in an unknown format', { kind: 'access', formats: ['pdf'] }, 400, 'invalid-formats'],
      ['in no format', { kind: 'access', formats: [] }, 400, 'invalid-formats'],
      ['in one format twice', { kind: 'access', formats: ['csv', 'csv'] }, 400, 'invalid-formats'],
      ['for a day that does not exist', { kind: 'access', asOf: '2026-02-30' }, 400, 'invalid-date'],
      ['for an unknown zone', { kind: 'access', timeZone: 'Mars/Phobos' }, 400, 'unknown-time-zone'],
      ['for half a position', { kind: 'access', knownAt: 1.5 }, 400, 'invalid-position'],
      ['for a position below 0', { kind: 'access', knownAt: -1 }, 400, 'invalid-position'],
      ['for a day that has not ended', { kind: 'access', asOf: '2026-03-10' }, 422, 'date-in-future'],
      ['from after its end', { kind: 'access-changes', from: '2026-03-05', to: '2026-03-04' }, 422, 'from-after-to'],
      [
        'from an instant after its end',
        { kind: 'revocations', from: '2026-03-04T00:00:00.001Z', asOf: '2026-03-04T00:00:00Z' },
        422,
        'from-after-to',
      ],
      ['from its end', { kind: 'access-changes', from: '2026-03-05', to: '2026-03-05' }, 422, 'from-after-to'],
      ['from after now', { kind: 'access-changes', from: '2026-03-10' }, 422, 'date-in-future'],
      ['with two ends', { kind: 'revocations', asOf: '2026-03-04', to: '2026-03-05' }, 422, 'two-ends'],
      ['for the future', { kind: 'access', asOf: '2027-01-01T00:00:00Z' }, 422, 'date-in-future'],
      ['for a position to come', { kind: 'access', knownAt: 1_000_000 }, 422, 'known-at-beyond-log'],
      ['for a period where it is about an instant', { kind: 'access', from: '2026-03-01' }, 422, 'not-about-a-period'],
      ['with a filter that it does not take', { kind: 'access', filter: { policy: 'x' } }, 422, 'filter-not-taken'],
      ['with a list of filters', { kind: 'access', filter: [{ role: 'crm.admin' }] }, 400, 'invalid-request'],
      ['with an unknown filter', { kind: 'access', filter: { colour: 'red' } }, 400, 'invalid-request'],
      ['about an account of another tenant', { kind: 'access', filter: { account: yusuf.account } }, 404, 'not-found'],
      ['about a role that nobody had', { kind: 'access', filter: { role: 'crm.none' } }, 404, 'not-found'],
      ['about an unknown application', { kind: 'access', filter: { application: 'none' } }, 404, 'not-found'],
      [
        'about an application that only another tenant had',
        { kind: 'access', filter: { application: 'ledger' } },
        404,
        'not-found',
      ],
      ['about an unknown directory', { kind: 'access', filter: { directory: 'none' } }, 404, 'not-found'],
      ['about an unknown policy', { kind: 'sod', filter: { policy: 'none' } }, 404, 'not-found'],
      ['for another tenant', { kind: 'access', tenant: 'globex' }, 404, 'not-found'],
      ['for a tenant that does not exist', { kind: 'access', tenant: 'nobody' }, 404, 'not-found'],
    ];
    it.each(cases)('%s', async (_why, body, status, code) => {
      const answer = await post(body);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(answer.text).not.toMatch(/\bat [\w.<]+ \(/);
    });

    it('by a condition that is neither true nor false, in our own words', async () => {
      const { body } = await post({ kind: 'access', filter: { privileged: 'yes' } });
      expect(body).toMatchObject({ errors: [{ field: 'filter.privileged', problem: 'must be true or false' }] });
    });

    it('without the scope for it, and without a key of idempotency', async () => {
      expect(await post({ kind: 'access' }, 'acme')).toMatchObject({ status: 403, body: { code: 'missing-scope' } });
      expect(await get('reports', 'acme-writer')).toMatchObject({ status: 403, body: { code: 'missing-scope' } });
      expect(await post({ kind: 'access' }, 'acme-auditor', ' ')).toMatchObject({
        status: 400,
        body: { code: 'idempotency-key-required' },
      });
    });

    it('by a department, for those who may not see any', async () => {
      const asked = await post({ kind: 'access', filter: { department: 'Sales' } }, 'acme-reports');
      expect(asked).toMatchObject({ status: 403, body: { code: 'personal-filter' } });
    });

    it('by a key of the installation that names no tenant of several', async () =>
      expect(await post({ kind: 'access' }, 'installation')).toMatchObject({
        status: 400,
        body: { code: 'tenant-required' },
      }));
  });

  it('tell of files that are not there', async () => {
    const report = await made(KNOWN);
    expect((await get(`reports/${report.id}/files/access.xlsx`)).status).toBe(404);
    expect((await get(`reports/${report.id}/files/..%2f..%2fetc`)).status).toBe(400);
    expect((await get(`reports/${randomUUID()}`)).status).toBe(404);
  });
});

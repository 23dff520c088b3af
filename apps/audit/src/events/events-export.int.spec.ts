/** The export of the log over HTTP: complete, resumable, recorded, and nothing of anybody else. */
import {
  ada,
  assigned,
  historyOf,
  provisioned,
  roleDefined,
  tenantRegistered,
  writeHistory,
  yusuf,
} from '#libs/testing';
import { type AuditServerUnderTest, startAuditServer } from '../audit-server.fixture.js';

const history = historyOf(
  tenantRegistered('acme'),
  tenantRegistered('globex'),
  roleDefined('crm.reader'),
  provisioned(ada),
  provisioned(yusuf),
  assigned(ada, 'crm.reader'),
);
interface Line {
  readonly position: number;
  readonly tenant: string;
  readonly type: string;
  readonly data: { readonly profile?: { readonly userName: string } };
  readonly manifest?: {
    readonly after: number;
    readonly through: number;
    readonly events: number;
    readonly gaps: number;
    readonly personal: boolean;
  };
}

jest.setTimeout(60_000);

describe('the export of the log', () => {
  let server: AuditServerUnderTest;
  beforeAll(async () => {
    server = await startAuditServer('2026-03-10T00:00:00.000Z');
    await writeHistory(server, history);
    await server.catchUp();
  });
  afterAll(() => server?.close());

  const exported = async (query: string, key: string) => {
    const response = await fetch(`${server.url}/api/v1/events/export${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { status, headers } = response;
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    return { status, headers, events: lines.slice(0, -1), manifest: lines.at(-1)?.manifest };
  };

  it('is NDJSON of the tenant’s own events, ended by a manifest', async () => {
    const { status, headers, events, manifest } = await exported('', 'acme');
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(headers.get('content-disposition')).toMatch(/filename="events-acme-000000000000-\d{12}[.]ndjson"/);
    expect(new Set(events.map(({ tenant }) => tenant))).toEqual(new Set(['acme']));
    expect(manifest).toMatchObject({ after: -1, events: events.length, gaps: 0, personal: true });
  });

  it('goes on where it was cut', async () => {
    const whole = (await exported('', 'globex')).events;
    const [first] = whole;
    const rest = await exported(`?after=${first?.position}`, 'globex');
    expect([first, ...rest.events]).toEqual(whole.slice(0, rest.events.length + 1));
    expect(rest.manifest).toMatchObject({ gaps: 0 });
  });

  it('withholds personal data from a key without personal:read', async () => {
    const userNameFor = async (key: string) =>
      (await exported('?type=UserProvisioned', key)).events.map(({ data }) => data.profile?.userName);
    expect(await userNameFor('acme')).toEqual([ada.profile.userName]);
    expect(await userNameFor('acme-blind')).not.toContain(ada.profile.userName);
  });

  it('is the whole log for a key of the installation that names no tenant', async () => {
    const { events, manifest } = await exported('', 'installation');
    expect(events.map(({ position }) => position)).toEqual(events.map((_event, index) => index));
    expect(manifest).toMatchObject({ gaps: 0 });
  });

  it('is recorded, with who took what', async () => {
    const { manifest } = await exported('?through=3', 'acme');
    await server.catchUp();
    const { events } = await exported('?type=AuditRead', 'acme');
    expect(events.at(-1)).toMatchObject({
      data: { what: 'export', after: -1, through: manifest?.through, personal: true },
      metadata: { actor: { kind: 'key', id: 'acme' } },
    });
  });

  it('says where the log ends when it is asked for more', async () => {
    const { events } = await exported('', 'installation');
    const { body } = await server.get('/api/v1/events/export?through=1000000', 'acme');
    const { code, detail } = body as { readonly code: string; readonly detail: string };
    const last = Number(/^through: the log ends at position (\d+), before 1000000[.]/.exec(detail)?.[1]);
    expect(code).toBe('export-beyond-log');
    expect(last).toBeGreaterThanOrEqual(events.at(-1)?.position ?? Number.NaN);
    const upToThere = await exported(`?through=${last}`, 'acme');
    expect(upToThere).toMatchObject({ status: 200, manifest: { through: last, gaps: 0 } });
  });

  it.each([
    ['another tenant', '?tenant=globex', 'acme', 404],
    ['an end before the beginning', '?after=3&through=2', 'acme', 400],
    ['an end beyond the log', '?through=1000000', 'acme', 422],
    ['a beginning beyond the log', '?after=1000000', 'acme', 422],
    ['a position that is none', '?after=-1', 'acme', 400],
    ['a type that is none', '?type=Nothing', 'acme', 400],
    ['a field that is none', '?limit=1', 'acme', 400],
    ['a key without audit:read', '', 'acme-writer', 403],
  ])('refuses %s', async (_what, query, key, status) =>
    expect((await server.get(`/api/v1/events/export${query}`, key)).status).toBe(status),
  );
});

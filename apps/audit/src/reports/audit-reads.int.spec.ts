/** Who looks at the audit is in the audit: whatever the API shows of it, to whomever, over HTTP on a real engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseStreamName } from '#libs/kernel';
import {
  ada,
  assigned,
  grantId,
  historyOf,
  provisioned,
  roleDefined,
  signedIn,
  signInId,
  tenantRegistered,
  writeHistory,
  yusuf,
} from '#libs/testing';
import { type AuditServerUnderTest, startAuditServer } from '../audit-server.fixture.js';
import { COUNTED_FOR_MS } from './counted-reads.js';

const BEGIN = Date.parse('2026-03-10T00:00:00.000Z');
/** Between two tests: nothing that one reads is counted together with what the next one reads. */
const APART_MS = 2 * COUNTED_FOR_MS;
const history = historyOf(
  tenantRegistered('acme'),
  tenantRegistered('globex'),
  roleDefined('crm.reader'),
  roleDefined('crm.admin'),
  signedIn(ada), // 5
  provisioned(ada, { evidence: signInId(ada) }),
  assigned(ada, 'crm.reader'),
  provisioned(yusuf),
);
const HEAD = history.length;

interface Recorded {
  readonly actor: string;
  readonly tenant: string;
  readonly data: Readonly<Record<string, unknown>>;
}

jest.setTimeout(60_000);

describe('who looks at the audit', () => {
  let folder: string;
  let server: AuditServerUnderTest;
  let now = BEGIN;
  let before = -1;
  const start = () => startAuditServer('', { folder, clock: { now: () => new Date(now) } });
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatebook-audit-reads-'));
    server = await start();
    await writeHistory(server, history);
    await server.catchUp();
  });
  beforeEach(async () => {
    now += APART_MS;
    before = await server.store.head();
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const read = async (path: string, key: string) => {
    const response = await fetch(`${server.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${key}` } });
    await response.text();
    return response.status;
  };

  /** What the log says of reads since the test began. */
  const recorded = async (): Promise<Recorded[]> => {
    const { events } = await server.store.readLog({ after: before, categories: ['auditRead'] });
    return events.map(({ stream, data, metadata }) => ({
      actor: metadata.actor.id,
      tenant: parseStreamName(stream).tenant,
      data: data as Recorded['data'],
    }));
  };

  it.each([
    ['events', 'events', { after: -1, through: HEAD }],
    ['events?after=4&limit=1', 'events', { after: 4, through: 5 }],
    [`events/${signInId(ada)}`, 'events', { after: 4, through: 5 }],
    ['access', 'access', { after: null, through: null }],
    [`access/${grantId(ada, 'crm.reader')}/why`, 'access', { after: null, through: null }],
    [`access/why-not?account=${ada.account}&role=crm.admin`, 'access', { after: null, through: null }],
    [
      'access/diff?from=2026-03-01T00:00:00Z&to=2026-03-09T00:00:00Z&knownAt=8',
      'access',
      { after: null, through: null },
    ],
  ])('is recorded for %s', async (path, what, stretch) => {
    expect(await read(path, 'acme')).toBe(200);
    const since = new Date(now).toISOString();
    const data = { what, report: null, file: null, ...stretch, personal: true, reads: 1, since };
    expect(await recorded()).toEqual([{ actor: 'acme', tenant: 'acme', data }]);
  });

  it('is recorded as not having seen names where it may not', async () => {
    await read('events', 'acme-blind');
    expect(await recorded()).toMatchObject([{ actor: 'acme-blind', data: { what: 'events', personal: false } }]);
  });

  it('is not recorded where nothing was shown', async () => {
    const refused = [
      'access?tenant=globex',
      'events?limit=0',
      `events/${grantId(ada, 'none')}`,
      `access/why-not?account=${yusuf.account}&role=crm.reader`,
    ];
    const statuses: number[] = [];
    for (const path of refused) statuses.push(await read(path, 'acme'));
    expect(statuses).toEqual([404, 400, 404, 404]);
    expect(await recorded()).toEqual([]);
  });

  it('is in the log of the installation and of each tenant of whom the page of its key shows something, of no other', async () => {
    await read(`events?after=${HEAD - 1}&limit=1`, 'installation');
    const stretch = { after: HEAD - 1, through: HEAD };
    expect(await recorded()).toMatchObject([
      { tenant: 'installation', data: stretch },
      { tenant: 'globex', data: stretch },
    ]);
  });

  it('is in the log of every tenant when an installation key exports the whole of it', async () => {
    expect(await read('events/export', 'installation')).toBe(200);
    const found = await recorded();
    expect(found.map(({ tenant }) => tenant).sort()).toEqual(['acme', 'globex', 'installation']);
    for (const { data } of found) expect(data).toMatchObject({ what: 'export', after: -1, through: HEAD });
  });

  it('sees nothing while that cannot be recorded', async () => {
    const append = jest.spyOn(server.store, 'append').mockRejectedValue(new Error('The log is away.'));
    const statuses = [await read('events', 'acme'), await read('access', 'acme-blind')];
    append.mockRestore();
    expect(statuses).toEqual([500, 500]);
    expect(await read('events', 'acme')).toBe(200);
  });

  it('is counted after the first time, and the count is written down when the server stops', async () => {
    for (const after of [1, 2, 3, 4]) expect(await read(`events?after=${after}&limit=1`, 'acme')).toBe(200);
    expect(await recorded()).toMatchObject([{ data: { reads: 1 } }]);

    await server.close();
    server = await start();
    expect((await recorded()).filter(({ actor }) => actor === 'acme')).toMatchObject([
      { data: { reads: 1, after: 1 } },
      { data: { reads: 3, after: 2 } },
    ]);
  });
});

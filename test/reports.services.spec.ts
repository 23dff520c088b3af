import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SealedEvent } from '#libs/kernel';
import { type EvidenceFile, type ExportManifest, REPORTS, type ReportKind, verifyFolder } from '#libs/reports';
import { databasesUnderTest } from '#libs/testing';
import { markingReader, wholeStoreOf } from '../libs/reports/src/events/told-history.fixture.js';
import { sealedHistory } from '../libs/reports/src/export/sealed-history.fixture.js';
import { HELD, hashes, idOf, never, reportJobs } from '../libs/reports/src/jobs/report-jobs.fixture.js';
import { STORY_POLICIES, Story } from './support/cluster-story.js';
import type { ApiAnswer } from './support/installation.js';
import { type StartedCluster, startTestCluster, whyNoCluster } from './support/started-cluster.js';
import { dataFolder } from './support/started-server.js';

// Goal: separate processes over Kafka and PostgreSQL make the same files, to the byte, as one process over an embedded database.
// Method: people live through something in a cluster, and reports are asked for over HTTP. Then the log is exported, sealed anew, line by
// line at the same positions, on an embedded database, and the same questions are asked there. An export shows in clear what the store
// holds encrypted, so the other side reads without keys; whoever may not see names has `[withheld]` on both.

const FORMATS = ['csv', 'json', 'xlsx', 'html'] as const;
const KINDS = [...REPORTS.values()];
const TIME_ZONE = 'Europe/Berlin';

/** Of these a story of a minute has no rows: nobody is idle, or without a source, so soon. */
const NOTHING_TO_TELL: readonly string[] = ['dormant', 'orphan'];

/** The processes start, and everything is asked of them, on a loaded machine. */
const TOLD_WITHIN_MS = 400_000;

const absent = whyNoCluster();
if (absent) console.warn(`SKIPPED: no report is made by separate processes: ${absent}.`);

const [embedded] = databasesUnderTest();
if (!embedded) throw new Error('Reports are compared with those of an embedded database.');

/** A report as HTTP tells of it. */
type Made = ApiAnswer['body'];

/** What every report of this file is about. */
interface Asked {
  readonly asOf: string;
  readonly from: string;
  readonly knownAt: number;
}

(absent ? describe.skip : describe)('reports of separate processes', () => {
  const log: SealedEvent[] = [];
  const reports = new Map<string, Made>();
  let cluster: StartedCluster;
  let story: Story;
  let keys: { readonly seeing: string; readonly blind: string; readonly installation: string };
  let asked: Asked;

  beforeAll(async () => {
    cluster = await startTestCluster(STORY_POLICIES);
    story = new Story(cluster.installation);
    const reading = ['audit:read', 'reports:write'];
    keys = {
      seeing: await story.keyWith('acme', [...reading, 'personal:read']),
      blind: await story.keyWith('acme', reading),
      installation: await story.keyWith(null, ['audit:read', 'personal:read']),
    };
    const from = await story.live();
    const { asOf, knownAt } = await made({ kind: 'access' }, keys.seeing);
    asked = { asOf, from, knownAt };
    await story.goOn();
    for (const kind of KINDS)
      for (const personal of [true, false]) reports.set(`${kind.kind} ${personal}`, await madeHere(kind, personal));
    log.push(...(await exportedLog()));
  }, TOLD_WITHIN_MS);
  const told = sealedHistory({ open: embedded.open, reader: markingReader, storeOf: wholeStoreOf });
  const jobs = reportJobs(told, log);
  afterAll(() => cluster?.stop(), 60_000);

  const made = async (body: object, key: string): Promise<Made> => {
    const { id } = await story.post('/api/v1/reports', body, key);
    const report = await story.until(`/api/v1/reports/${id}`, ({ status }) => /done|failed/.test(status), key);
    if (report.status === 'failed') throw new Error(`Not made: ${JSON.stringify(report.failure)}`);
    return report;
  };
  const keyOf = (personal: boolean) => (personal ? keys.seeing : keys.blind);
  const madeHere = (kind: ReportKind, personal: boolean): Promise<Made> => {
    const { from, ...rest } = questionOf(kind);
    const body = { kind: kind.kind, ...rest, ...(from === null ? {} : { from }), formats: FORMATS };
    return made(body, keyOf(personal));
  };
  const questionOf = ({ about }: ReportKind) => {
    const { asOf, from, knownAt } = asked;
    return { tenant: 'acme', asOf, from: about === 'period' ? from : null, knownAt, timeZone: TIME_ZONE };
  };

  /** The same question on the embedded database. */
  const madeThere = async (kind: ReportKind, personal: boolean) => {
    const id = idOf(`${kind.kind} ${personal}`);
    const { version } = kind;
    const question = { ...questionOf(kind), filter: {}, personal };
    const requestedBy = { kind: 'key', id: 'auditor' } as const;
    await jobs.queue.add({ id, commandDigest: id, kind: kind.kind, version, question, formats: FORMATS, requestedBy });
    const observe = (_job: unknown, _came: unknown, error?: unknown) => {
      if (error) throw error;
    };
    await jobs.runner(kind, { kinds: REPORTS, observe }).runNext(HELD, never);
    return jobs.found(id);
  };
  const taken = async (path: string, key: string): Promise<Buffer> => {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await fetch(`${cluster.installation.server.url}${path}`, { headers });
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };

  /** The whole log, in clear, as far as it goes by now. */
  const exportedLog = async (): Promise<readonly SealedEvent[]> => {
    const lines = (await taken('/api/v1/events/export', keys.installation)).toString().trimEnd().split('\n');
    const events = lines.slice(0, -1).map((line) => JSON.parse(line));
    const { manifest } = JSON.parse(lines.at(-1) ?? '') as { manifest: ExportManifest };
    expect(manifest).toMatchObject({ tenant: null, gaps: 0, personal: true, positions: { from: 0 } });
    expect(manifest.through).toBeGreaterThan(asked.knownAt);
    expect(events.filter(({ unreadable }) => unreadable !== undefined)).toEqual([]);
    return events.map(({ hash: _hash, stored: _stored, ...event }) => event as SealedEvent);
  };
  const named = ({ files }: { readonly files: readonly EvidenceFile[] }) =>
    files.slice(0, FORMATS.length).map(({ name, sha256 }) => [name, sha256]);

  it('are made where projectors follow Kafka', () =>
    expect(Object.keys(cluster.urls)).toEqual(
      expect.arrayContaining(['kafka', 'projector-1', 'projector-2', 'audit']),
    ));

  it.each(KINDS.map((kind) => [kind.kind, kind] as const))(
    '%s is the same as on one embedded database',
    async (name, kind) => {
      for (const personal of [true, false]) {
        const here = reports.get(`${name} ${personal}`);
        const there = await madeThere(kind, personal);
        expect(here.evidence).toMatchObject({ rows: there.rows, personal, complete: true, problems: [] });
        expect(there.rows > 0).toBe(!NOTHING_TO_TELL.includes(name));
        expect(named(here)).toEqual(hashes(there));
        for (const [index, file] of there.files.slice(0, FORMATS.length).entries())
          expect(await taken(here.files[index].url, keyOf(personal))).toEqual(await jobs.bytesOf(there.id, file));
      }
    },
  );

  it('access differs there when a name in the log was another one (control), but not where names are withheld', async () => {
    const access = REPORTS.get('access') as ReportKind;
    await told.tell(log.map((event) => JSON.parse(JSON.stringify(event).replaceAll('Lindqvist', 'Lindquist'))));
    const differing = async (personal: boolean) => {
      const there = hashes(await madeThere(access, personal));
      return named(reports.get(`access ${personal}`)).filter(([, sha256], index) => sha256 !== there[index]?.[1]);
    };
    expect(await differing(true)).toHaveLength(FORMATS.length);
    expect(await differing(false)).toEqual([]);
  });

  describe('in a folder with their sheet and the log', () => {
    let folder: string;
    let trusted: { readonly files: Readonly<Record<string, string>> };
    beforeAll(async () => {
      folder = dataFolder();
      const report = reports.get('access true');
      for (const { name, url } of report.files) writeFileSync(join(folder, name), await taken(url, keys.seeing));
      await story.until(
        '/api/v1/events?type=ReportGenerated&limit=200',
        ({ items }) => items.some(({ data }: { data: { report: string } }) => data.report === report.id),
        keys.seeing,
      );
      writeFileSync(join(folder, 'log.ndjson'), await taken('/api/v1/events/export', keys.seeing));
      trusted = { files: { 'evidence.json': report.files.at(-1).sha256 } };
    }, 120_000);

    it('are valid by the hash that the server says of the sheet, and the log tells of them', async () =>
      expect(await verifyFolder(folder, trusted)).toMatchObject({ verdict: 'valid', recorded: true }));

    it('are not when one byte is another one (control)', async () => {
      const bytes = await taken(reports.get('access true').files[0].url, keys.seeing);
      bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
      writeFileSync(join(folder, 'access.csv'), bytes);
      expect(await verifyFolder(folder, trusted)).toMatchObject({ verdict: 'invalid' });
    });
  });
});

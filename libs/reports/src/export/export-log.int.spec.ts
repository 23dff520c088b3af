/** Exports of the log: complete, resumable, verifiable line by line, and never silently cut. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredEvent } from '#libs/event-store';
import { DomainError, type RecordedEvent } from '#libs/kernel';
import {
  ada,
  assigned,
  bo,
  clearReader,
  type Fact,
  historyOf,
  onEveryDatabase,
  provisioned,
  roleDefined,
  signedIn,
  storeOf,
  yusuf,
} from '#libs/testing';
import type { ReportSource } from '../report-kind.js';
import { checkExport } from '../verify/check-export.js';
import { exportLog } from './export-log.js';
import { EXPORT_PAGE } from './export-pages.js';
import type { ExportManifest, ExportQuery } from './export-query.js';
import { tenantPositionAt } from './log-place.queries.js';
import { sealedHistory } from './sealed-history.fixture.js';

/** Hides one word, as encryption does. */
const HIDDEN = 'Engineering';
const reader = {
  ...clearReader,
  decodeWithholding: (events: readonly StoredEvent[]): RecordedEvent[] =>
    JSON.parse(JSON.stringify(clearReader.decodeWithholding(events)).replaceAll(HIDDEN, '[withheld]')),
};

const facts: readonly Fact[] = [
  roleDefined('crm.reader'), // 0, acme 0
  provisioned(ada), // 1, acme 1
  provisioned(yusuf), // 2, globex 0
  signedIn(ada, 'okta', { nth: 1 }), // 3, acme 2
  assigned(ada, 'crm.reader'), // 4, acme 3
  provisioned(bo), // 5, acme 4
];
const history = historyOf(...facts);
const ALL: ExportQuery = { tenant: 'acme', after: -1, through: 5, type: null, personal: false };

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  describe('an export', () => {
    const told = sealedHistory({ open, reader, storeOf });
    let folder: string;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'gatebook-export-'));
      await told.tell(history);
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const lines = (query: Partial<ExportQuery> = {}, source = told.source) =>
      joined(exportLog(source, { ...ALL, ...query }));
    const parsed = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    const manifestOf = (text: string): ExportManifest => parsed(text).at(-1).manifest;
    const verified = async (text: string) => {
      writeFileSync(join(folder, 'log.ndjson'), text);
      const { checks } = await checkExport(join(folder, 'log.ndjson'), 'log.ndjson');
      return checks.filter(({ holds }) => !holds).map(({ says }) => says);
    };

    it('has every event of the tenant and of nobody else, then a manifest that says what it is', async () => {
      const text = await lines();
      const [events, manifest] = [parsed(text).slice(0, -1), manifestOf(text)];
      expect(events.map(({ position }) => position)).toEqual([0, 1, 3, 4, 5]);
      const body = text.slice(0, text.trimEnd().lastIndexOf('\n') + 1);
      expect(manifest).toEqual({
        tenant: 'acme',
        type: null,
        after: -1,
        through: 5,
        events: 5,
        positions: { from: 0, to: 5 },
        tenantPositions: { from: 0, to: 4 },
        gaps: 0,
        personal: false,
        sha256: createHash('sha256').update(body).digest('hex'),
      });
    });

    it.each<[string, Partial<ExportQuery>]>([
      ['of a tenant', {}],
      ['of a tenant, with personal data', { personal: true }],
      ['of the whole log', { tenant: null }],
      ['of one type', { type: 'UserProvisioned' }],
      ['of nothing', { after: 5 }],
    ])('%s can be verified from its lines alone', async (_what, query) =>
      expect(await verified(await lines(query))).toEqual([]),
    );

    it('shows personal data to those who may see it, and to others what is stored beside what they may see', async () => {
      const [open, withheld] = [parsed(await lines({ personal: true }))[1], parsed(await lines())[1]];
      expect([open.data.profile.department, open.stored]).toEqual([HIDDEN, undefined]);
      expect([withheld.data.profile.department, withheld.stored.data.profile.department]).toEqual([
        '[withheld]',
        HIDDEN,
      ]);
    });

    it('goes on after any position without overlap', async () => {
      const whole = parsed(await lines()).slice(0, -1);
      for (let cut = -1; cut <= 5; cut += 1) {
        const [first, second] = [await lines({ through: cut }), await lines({ after: cut })];
        expect([...parsed(first).slice(0, -1), ...parsed(second).slice(0, -1)]).toEqual(whole);
        expect([manifestOf(first).gaps, manifestOf(second).gaps]).toEqual([0, 0]);
      }
    });

    it('finds a place in the log, also beside gaps', async () => {
      await told.punch([1, 4]);
      const places = [-1, 0, 1, 2, 3, 4, 5, 6].map((position) =>
        tenantPositionAt(told.source.database, 'acme', position),
      );
      expect(await Promise.all(places)).toEqual([-1, 0, 0, 0, 2, 2, 4, 4]);
    });

    it.each<[string, Partial<ExportQuery>]>([
      ['of a tenant', {}],
      ['of the whole log', { tenant: null }],
      ['that ends before the gap', { through: 3 }],
      ['that begins after it', { after: 4 }],
    ])('%s tells of a gap that was punched into the sealed log', async (_what, query) => {
      await told.punch([4]);
      const text = await lines(query);
      expect(manifestOf(text).gaps).toBe(1);
      expect(await verified(text)).toEqual(['1 position is missing.']);
    });

    it('reads no further than somebody takes, and holds a page at a time', async () => {
      const many = historyOf(...Array.from({ length: 1_200 }, (_, index) => roleDefined(`crm.role-${index}`)));
      await told.seal(many);
      const reads: number[] = [];
      const counting: ReportSource = {
        ...told.source,
        store: {
          ...told.source.store,
          readLog: (query) => {
            reads.push(query.after);
            return told.source.store.readLog(query);
          },
        },
      };
      const query = { ...ALL, through: 1_199 };
      for await (const piece of exportLog(counting, query)) {
        expect(parsed(piece)).toHaveLength(EXPORT_PAGE);
        break;
      }
      expect(reads).toEqual([-1]);
      expect(manifestOf(await joined(exportLog(counting, query)))).toMatchObject({ events: 1_200, gaps: 0 });
    });

    it('ends with the reason when the store lacks an event, so that nobody takes it for complete', async () => {
      const lacking = { ...told.source, store: storeOf([]) };
      expect(parsed(await lines({}, lacking))).toEqual([
        { error: { code: 'export-broken', message: expect.stringContaining('position 0'), after: -1 } },
      ]);
      expect(await verified(await lines({}, lacking))).toEqual([expect.stringContaining('It broke off: ')]);
    });

    it('ends with the reason when keys cannot be reached', async () => {
      const silent = {
        ...reader,
        decodeWithholding: () => {
          throw new (class extends DomainError {
            readonly code = 'keys-unavailable';
            readonly kind = 'unavailable';
          })('The keys do not answer.');
        },
      };
      const [only] = parsed(await lines({}, { ...told.source, reader: silent }));
      expect(only.error).toMatchObject({ code: 'keys-unavailable', after: -1 });
    });

    it('goes on past an event that cannot be read, and says which', async () => {
      const poisoned = {
        ...reader,
        decodeWithholding: (events: readonly StoredEvent[]) => {
          if (events.some(({ type }) => type === 'SignedIn')) throw new TypeError('not of this shape');
          return reader.decodeWithholding(events);
        },
      };
      const text = await lines({}, { ...told.source, reader: poisoned });
      expect(
        parsed(text)
          .slice(0, -1)
          .map(({ unreadable }) => unreadable),
      ).toEqual([undefined, undefined, 'not-understood', undefined, undefined]);
      expect(await verified(text)).toEqual([]);
    });

    describe('that somebody changed', () => {
      it.each<[string, (text: string) => string, string]>([
        [
          'a value of an event',
          (text) => text.replaceAll('crm.reader', 'crm.admins'),
          'The event at position 0 does not have the hash that its line states.',
        ],
        [
          'a line taken out',
          (text) => text.split('\n').toSpliced(1, 1).join('\n'),
          'It has 4 events; its manifest says 5.',
        ],
        ['two lines exchanged', (text) => swapped(text), 'Position 1 is out of order.'],
        ['cut off', (text) => text.split('\n').slice(0, 3).join('\n'), 'It is cut off: it has no manifest at its end.'],
        [
          'something behind its end',
          (text) => `${text}${text.split('\n')[0]}\n`,
          'Something follows upon its last line.',
        ],
        ['no JSON at all', () => 'hello', 'It is no exported log, which is lines of JSON in UTF-8.'],
      ])('%s, is found out', async (_what, change, fault) =>
        expect(await verified(change(await lines()))).toContain(fault),
      );
    });
  });
});

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

function swapped(text: string): string {
  const [first, second, third, ...rest] = text.split('\n');
  return [first, third, second, ...rest].join('\n');
}

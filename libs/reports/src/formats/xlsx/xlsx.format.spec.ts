/** A workbook is read back as a spreadsheet program would read it: an archive of well-formed XML with typed cells, and no formula. */
import { text as textOf } from 'node:stream/consumers';
import fc from 'fast-check';
import { parser } from 'sax';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import type { Cell } from '../../column.js';
import { ADA, fileOf, NOBODY, NOTES, VISITS } from '../sample-report.fixture.js';
import { columnLetters } from './sheet-cells.js';
import { STYLE } from './workbook-parts.js';
import { xlsxFormat } from './xlsx.format.js';

const SHEET = 'xl/worksheets/sheet1.xml';

describe('a workbook', () => {
  it('has typed cells under the names of the columns, and none where there is no value', async () => {
    const cells = await cellsIn(await fileOf(xlsxFormat, [ADA, NOBODY, ['', ...NOBODY.slice(1)]]));
    expect(Object.fromEntries(cells)).toEqual({
      ...heads(VISITS.columns.map(({ name }) => name)),
      A2: { value: 'Ada', type: 'inlineStr', style: STYLE.text },
      B2: { value: '12', type: 'n', style: STYLE.number },
      C2: { value: '0.5', type: 'n', style: STYLE.number },
      D2: { value: '1', type: 'b', style: STYLE.boolean },
      E2: { value: expect.stringMatching(/^46203[.]9166666/), type: 'n', style: STYLE.instant },
      F2: { value: 'Bob; Eve', type: 'inlineStr', style: STYLE.text },
      A4: { value: '', type: 'inlineStr', style: STYLE.text },
    });
  });

  it('keeps its head in sight, filters every row, and repeats the head on paper', async () => {
    const files = await unzipped(await fileOf(xlsxFormat, [ADA, ADA]));
    const sheet = files.get(SHEET)?.text;
    expect(sheet).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>');
    expect(sheet).toContain('<autoFilter ref="A1:F3"/>');
    const book = files.get('xl/workbook.xml')?.text;
    expect(book).toContain(
      '<sheet name="visits" sheetId="1" r:id="rId1"/><sheet name="about" sheetId="2" r:id="rId2"/>',
    );
    expect(book).toContain(`'visits'!$A$1:$F$3`);
    expect(book).toContain(`'visits'!$1:$1`);
  });

  it('says on its second sheet what was asked, and what the columns say', async () => {
    const about = [...(await cellsIn(await fileOf(xlsxFormat, []), 'xl/worksheets/sheet2.xml')).values()];
    const words = about.map(({ value }) => value);
    expect(words).toContain('privileged is true and role is crm.reader');
    expect(words.slice(-2)).toEqual(['Column with', 'Who came along; empty for nobody.']);
  });

  it('makes room there for meanings of several lines, and shows no marks of code', async () => {
    const columns = [{ name: 'how', type: 'text' as const, means: `\`fast\` or ${'slow '.repeat(40)}` }];
    const file = await fileOf(xlsxFormat, [], { ...VISITS, columns });
    const about = await cellsIn(file, 'xl/worksheets/sheet2.xml');
    expect([...about.values()].at(-1)?.value).toMatch(/^fast or slow/);
    const sheet = (await unzipped(file)).get('xl/worksheets/sheet2.xml')?.text;
    expect(sheet).toMatch(/ ht="27" customHeight="1"><c r="A\d+"[^>]*><is><t[^>]*>Column how</);
  });

  it('writes instants as dates, to the millisecond; what is none, or before spreadsheets know dates, as text', async () => {
    const instants = ['1900-03-01T00:00:00.000Z', '2026-06-30T21:59:59.999Z', '9999-12-31T23:59:59.999Z'];
    const others = ['1900-02-28T23:59:59.999Z', '[withheld]'];
    const kind = { ...VISITS, columns: VISITS.columns.filter(({ type }) => type === 'instant') };
    const cells = await cellsIn(
      await fileOf(
        xlsxFormat,
        [...instants, ...others].map((instant) => [instant]),
        kind,
      ),
    );
    const read = ['A2', 'A3', 'A4'].map(
      (at) => new Date(Math.round((Number(cells.get(at)?.value) - 25_569) * 86_400_000)),
    );
    expect(read.map((date) => date.toISOString())).toEqual(instants);
    expect(['A5', 'A6'].map((at) => cells.get(at))).toEqual(
      others.map((value) => ({ value, type: 'inlineStr', style: STYLE.text })),
    );
  });
});

describe('a text in a workbook', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', 'a;=1', '=HYPERLINK("http://x")'])(
    'is no formula, and does not become one when it is edited: %j',
    async (note) => {
      const file = await fileOf(xlsxFormat, [[note]], NOTES);
      expect((await cellsIn(file)).get('A2')).toEqual({ value: note, type: 'inlineStr', style: STYLE.guardedText });
      expect((await unzipped(file)).get(SHEET)?.text).not.toMatch(/<f[ >]/);
    },
  );

  it('reads back as it was, be it what XML cannot hold', async () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('_x0041_', '_x005F_', '\ud800', '\0', '\r\n', ' ', '<', '&', '>', '"'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(unit).map((units) => units.join('')),
          { minLength: 1 },
        ),
        async (notes) => {
          const cells = await cellsIn(
            await fileOf(
              xlsxFormat,
              notes.map((note) => [note]),
              NOTES,
            ),
          );
          expect(notes.map((_, at) => cells.get(`A${at + 2}`)?.value)).toEqual(notes);
        },
      ),
      { seed: 376, numRuns: 100 },
    );
  });

  it('is refused where it is longer than a cell, rather than shortened', async () => {
    const fits = 'x'.repeat(32_767);
    await expect(fileOf(xlsxFormat, [[fits]], NOTES)).resolves.toBeInstanceOf(Buffer);
    await expect(fileOf(xlsxFormat, [['short'], [`${fits}x`]], NOTES)).rejects.toMatchObject({
      code: 'report-cell-too-long',
      message:
        'Row 2 has 32768 characters in the column note, and a cell of a spreadsheet holds at most 32767. Ask for csv, json or html.',
    });
  });
});

describe('the bytes of a workbook', () => {
  it('have no trace of how its rows came', async () => {
    const rows = Array.from({ length: 2_500 }, (_, at) => [`guest ${at} of many`, ...ADA.slice(1)]);
    const [one, other] = [await fileOf(xlsxFormat, rows, VISITS, 7), await fileOf(xlsxFormat, rows, VISITS, 1_000)];
    expect(one.equals(other)).toBe(true);
  });

  it('have no trace of when they were written', async () => {
    for (const { entry } of (await unzipped(await fileOf(xlsxFormat, [ADA]))).values()) {
      expect(entry).toMatchObject({ lastModFileDate: (1 << 5) | 1, lastModFileTime: 0, extraFieldLength: 0 });
    }
  });
});

it.each<[number, string]>([
  [0, 'A'],
  [25, 'Z'],
  [26, 'AA'],
  [701, 'ZZ'],
  [702, 'AAA'],
])('column %i is called %s', (at, letters) => expect(columnLetters(at)).toBe(letters));

async function cellsIn(file: Buffer, sheet = SHEET) {
  return cellsOf((await unzipped(file)).get(sheet)?.text ?? '');
}

function heads(names: readonly Cell[]) {
  return Object.fromEntries(
    names.map((value, at) => [`${columnLetters(at)}1`, { value, type: 'inlineStr', style: STYLE.head }]),
  );
}

/** A cell as a program reads it: the text of its value, its type (`n` where it says none) and style. */
interface ReadCell {
  readonly value: string;
  readonly type: string;
  readonly style: number;
}

/** The files of an archive with their texts, and what the archive says of each. */
async function unzipped(file: Buffer): Promise<Map<string, { readonly text: string; readonly entry: Entry }>> {
  const archive = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(file, { lazyEntries: false, autoClose: false }, (error, zip) => (error ? reject(error) : resolve(zip))),
  );
  const entries = await new Promise<Entry[]>((resolve, reject) => {
    const seen: Entry[] = [];
    archive.on('entry', (entry: Entry) => seen.push(entry));
    archive.on('end', () => resolve(seen)).on('error', reject);
  });
  const texts = entries.map(
    (entry) =>
      new Promise<string>((resolve, reject) =>
        archive.openReadStream(entry, (error, stream) =>
          error ? reject(error) : textOf(stream).then(resolve, reject),
        ),
      ),
  );
  const read = await Promise.all(texts);
  return new Map(entries.map((entry, at) => [entry.fileName, { text: read[at] ?? '', entry }]));
}

/** The cells of a sheet by their places; refuses what is no well-formed XML. */
function cellsOf(sheet: string): Map<string, ReadCell> {
  const cells = new Map<string, ReadCell>();
  const reader = parser(true);
  let place = '';
  reader.onopentag = ({ name, attributes }) => {
    if (name !== 'c') return;
    place = String(attributes['r']);
    cells.set(place, { value: '', type: String(attributes['t'] ?? 'n'), style: Number(attributes['s'] ?? 0) });
  };
  reader.ontext = (text) => {
    const cell = cells.get(place);
    if (cell) cells.set(place, { ...cell, value: cell.value + unescaped(text) });
  };
  reader.onclosetag = (name) => {
    if (name === 'c') place = '';
  };
  reader.onerror = (error) => {
    throw error;
  };
  reader.write(sheet).close();
  return cells;
}

/** Reads `_xHHHH_`. */
function unescaped(text: string): string {
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

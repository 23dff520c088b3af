/** A report in a folder: whole, or without its sheet; never anywhere else. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deliverToFolder, type FolderDelivery } from './deliver-to-folder.js';

const CONTENT: Readonly<Record<string, string>> = {
  'access.csv': 'accountId\r\n1\r\n',
  'access.json': '{"rows":[]}',
  'evidence.json': '{"rows":1}',
  'evidence.html': '<!doctype html>',
};
const files = Object.entries(CONTENT).map(([name, text]) => ({
  name,
  sha256: createHash('sha256').update(text).digest('hex'),
  bytes: text.length,
}));

describe('a report that goes to a folder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gatebook-reports-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function* bytesOf({ name }: { readonly name: string }) {
    const bytes = Buffer.from(CONTENT[name] ?? '');
    yield bytes.subarray(0, 5);
    yield bytes.subarray(5);
  }
  const deliver = (over: Partial<FolderDelivery> = {}) =>
    deliverToFolder({ root, path: ['acme', 'monthly', '2026-04-01T0400Z-access'], files, read: bytesOf, ...over });
  const inside = () => join(root, 'acme', 'monthly', '2026-04-01T0400Z-access');
  const contents = () =>
    Object.fromEntries(readdirSync(inside()).map((name) => [name, readFileSync(join(inside(), name), 'utf8')]));

  it('is there with all of its files, byte for byte', async () => {
    await deliver();
    expect(contents()).toEqual(CONTENT);
  });

  it('holds the same when it is delivered again, and nothing that was left of a try before', async () => {
    await deliver();
    writeFileSync(join(inside(), '.access.csv.5.part'), 'half');
    await deliver();
    expect(contents()).toEqual(CONTENT);
  });

  /** Delivers until a piece of some file is asked for, and there the process ends: nothing more is done. */
  it('that breaks off anywhere lacks its sheet, and is whole after the next try', async () => {
    const pieces = files.length * 2;
    const whole: boolean[] = [];
    for (let last = 0; last < pieces; last += 1) {
      let asked = 0;
      const breaking: FolderDelivery['read'] = async function* (file) {
        for await (const piece of bytesOf(file)) {
          if (asked === last) throw new Error('the database is gone');
          asked += 1;
          yield piece;
        }
      };
      await expect(deliver({ read: breaking })).rejects.toThrow('the database is gone');
      whole.push('evidence.json' in contents());
      await deliver();
      expect(contents()).toEqual(CONTENT);
      rmSync(inside(), { recursive: true });
    }
    expect(whole).toEqual(whole.map(() => false));
  });

  it('shows no file under its name before it is complete', async () => {
    const seen: string[][] = [];
    const looking: FolderDelivery['read'] = async function* (file) {
      for await (const piece of bytesOf(file)) {
        yield piece;
        seen.push(readdirSync(inside()).filter((name) => !name.startsWith('.')));
        expect(seen.at(-1)).not.toContain(file.name);
      }
    };
    await deliver({ read: looking });
    expect(seen.at(-1)?.sort()).toEqual(['access.csv', 'access.json', 'evidence.html']);
  });

  it('is not delivered with other bytes than were recorded', async () => {
    const other: FolderDelivery['read'] = async function* () {
      yield Buffer.from('something else');
    };
    await expect(deliver({ read: other })).rejects.toMatchObject({ code: 'delivery-failed', final: false });
    expect(contents()).toEqual({});
  });

  it.each([[['..', 'etc']], [['acme', '..']], [['acme/..']], [['.hidden']], [['']], [['/etc']], [['a\0b']]])(
    'goes nowhere by the path %j',
    async (path) => {
      await expect(deliver({ path })).rejects.toThrow('leads elsewhere');
      expect(readdirSync(root)).toEqual([]);
    },
  );

  it('has no file that would lie elsewhere', async () => {
    const [file] = files;
    await expect(deliver({ files: [{ ...(file as (typeof files)[0]), name: '../access.csv' }] })).rejects.toThrow(
      'leads elsewhere',
    );
  });

  it('follows no link on its way', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'gatebook-elsewhere-'));
    mkdirSync(join(root, 'acme'));
    symlinkSync(elsewhere, join(root, 'acme', 'monthly'));
    await expect(deliver()).rejects.toMatchObject({ code: 'folder-unwritable', final: false });
    expect(readdirSync(elsewhere)).toEqual([]);
    rmSync(elsewhere, { recursive: true });
  });

  it('waits for a root that is not there: it may not be mounted yet', async () => {
    rmSync(root, { recursive: true });
    await expect(deliver()).rejects.toMatchObject({ code: 'folder-unwritable', final: false });
    await expect(deliver()).rejects.not.toThrow(root);
  });
});

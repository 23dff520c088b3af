/**
 * What docs/security.md claims is there: every file that it links, and in each spec every test whose title it quotes; no threat without a
 * guard and a test. The rules are first shown faults that they must report. The links of the other pages are looked at as well.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readTree, type SourceFile } from '../tidy/source-tree.js';
import { deadLinks, missingTitles, unprovenRows } from './proof.rules.js';

const read = (path: string): string | undefined => {
  if (!existsSync(path)) return undefined;
  return statSync(path).isDirectory() ? '' : readFileSync(path, 'utf8');
};
const pages = readTree('.', '.').filter(({ path }) => path.endsWith('.md'));
const page = pages.find(({ path }) => path === 'docs/security.md') as SourceFile;

describe('the page about security', () => {
  it('links files that are there', () => expect(deadLinks(page, read)).toEqual([]));
  it('quotes tests that are there', () => expect(missingTitles(page, read)).toEqual([]));
  it('names a guard and a test for every threat', () => expect(unprovenRows(page)).toEqual([]));
  it('has as many threats as one would expect', () =>
    expect(page.text.match(/\.spec\.ts\) “/g)?.length).toBeGreaterThan(80));
});

it('every other page links files that are there', () =>
  expect(pages.flatMap((each) => deadLinks(each, read))).toEqual([]));

describe('the rules', () => {
  const SPEC = "describe('a door', () => { it.each([1])('stays %s', () => {}); });\n// it('is open')";
  const files: Record<string, string> = { 'docs/a.md': '', 'door.spec.ts': SPEC, 'door.ts': '' };
  const saying = (text: string): SourceFile => ({ path: 'docs/a.md', text });
  const find = (path: string) => files[path];

  it('notice a file that is not there', () => {
    expect(deadLinks(saying('see [it](../gone.ts)'), find)).toEqual(['docs/a.md:1 gone.ts is not there']);
    expect(deadLinks(saying('[a](../door.ts#here) [b](#there) [c](https://d.example)'), find)).toEqual([]);
  });

  it('notice a title that is no test, also one that only a comment has', () => {
    const problem = 'docs/a.md:1 door.spec.ts has no test “is open”';
    expect(missingTitles(saying('[d](../door.spec.ts) “is open” “stays %s”'), find)).toEqual([problem]);
    expect(missingTitles(saying('“is open” [d](../door.spec.ts) “a door” · [e](../door.ts) “is open”'), find)).toEqual(
      [],
    );
  });

  it('notice a threat without a guard or a test', () => {
    const table = (row: string) => saying(`| threat | guard | proof |\n|---|---|---|\n${row}\n\n| other | table |`);
    expect(unprovenRows(table('| a | [b](../door.ts) | [c](../door.spec.ts) |'))).toEqual([
      'docs/a.md:3 quotes no test',
    ]);
    expect(unprovenRows(table('| a | b | [c](../door.spec.ts) “a door” |'))).toEqual(['docs/a.md:3 names no guard']);
    expect(unprovenRows(table('| a | [b](../door.ts) | [c](../door.spec.ts) “a door” |'))).toEqual([]);
  });
});

/** The control map against the project: whatever it names has to exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EVENT_ENTRIES } from '#libs/contracts';
import { REPORTS } from '../kinds/index.js';
import { FRAMEWORKS, VERIFICATIONS } from './control.js';
import { CONTROLS } from './controls.js';

const ROOT = resolve(__dirname, '../../../..');

/** Paths that the servers answer, parameters in braces. */
function pathsOfServers(): ReadonlySet<string> {
  const files = readdirSync(join(ROOT, 'apps'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /src\/.*\.controller\.ts$/.test(name),
  );
  return new Set(files.flatMap((name) => pathsIn(readFileSync(join(ROOT, 'apps', name), 'utf8'))));
}

function pathsIn(source: string): string[] {
  const prefixes = [...source.matchAll(/@Controller\('([^']*)'\)/g)].map(([, prefix]) => prefix ?? '');
  const ends = [...source.matchAll(/@(?:Get|Post|Put|Patch|Delete)\((?:'([^']*)')?\)/g)].map(([, end]) => end ?? '');
  return prefixes.flatMap((prefix) =>
    ends.map((end) => `/${[prefix, end].filter(Boolean).join('/')}`.replaceAll(/:(\w+)/g, '{$1}')),
  );
}

describe('the control map', () => {
  it('names every framework, and no control twice', () => {
    expect(new Set(CONTROLS.map(({ framework }) => framework))).toEqual(new Set(Object.keys(FRAMEWORKS)));
    const names = CONTROLS.map(({ framework, number }) => `${framework} ${number}`);
    expect(names).toEqual([...new Set(names)]);
  });

  it.each(CONTROLS.map((control) => [`${control.framework} ${control.number}`, control] as const))(
    '%s is answered by what exists',
    (_name, { answeredBy, provedBy, asks, remains, verification }) => {
      expect(VERIFICATIONS).toContain(verification);
      expect([asks, remains].every((text) => /^[A-Z].*[.]$/.test(text))).toBe(true);
      expect(provedBy.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
      expect(provedBy.length > 0).toBe(answeredBy !== null);
      const { reports = [], queries = [], events = [] } = answeredBy ?? {};
      const paths = pathsOfServers();
      const types = new Set(EVENT_ENTRIES.map(({ type }) => type));
      expect(reports.length + queries.length > 0).toBe(answeredBy !== null);
      expect(reports.filter((kind) => !REPORTS.has(kind))).toEqual([]);
      expect(queries.filter((path) => !paths.has(path))).toEqual([]);
      expect(events.filter((type) => !types.has(type))).toEqual([]);
    },
  );

  it('uses every kind of report there is: one that answers no control would be for nobody', () => {
    const used = new Set(CONTROLS.flatMap(({ answeredBy }) => answeredBy?.reports ?? []));
    expect([...REPORTS.keys()].filter((kind) => !used.has(kind as never))).toEqual([]);
  });

  it('has every control that auditors of access usually go through', () => {
    const numbers = CONTROLS.flatMap(({ framework, number }) => number.split(', ').map((one) => `${framework} ${one}`));
    const expected = {
      soc2: ['CC6.1', 'CC6.2', 'CC6.3'],
      iso27001: ['A.5.3', 'A.5.15', 'A.5.16', 'A.5.17', 'A.5.18', 'A.8.2', 'A.8.3', 'A.8.15'],
      nist80053: ['AC-2', 'AC-5', 'AC-6', ...[2, 3, 6, 7, 8, 9, 10, 11, 12].map((number) => `AU-${number}`)],
      pcidss: ['7.2.4', '7.2.5.1', ...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => `8.2.${number}`), '10.2.1'],
      hipaa: ['164.308(a)(3)(ii)(C)', '164.308(a)(4)', '164.312(b)'],
    };
    const all = Object.entries(expected).flatMap(([framework, list]) => list.map((one) => `${framework} ${one}`));
    expect(all.filter((one) => !numbers.includes(one))).toEqual([]);
    expect(CONTROLS.filter(({ framework }) => framework === 'sox')).toHaveLength(7);
  });
});

/** The control map against the project: whatever it names has to exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EVENT_ENTRIES } from '#libs/contracts';
import { REPORTS } from '../kinds/index.js';
import { FRAMEWORKS } from './control.js';
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
    (_name, { answeredBy, provedBy, asks, remains }) => {
      const { reports = [], queries = [], events = [] } = answeredBy;
      const paths = pathsOfServers();
      const types = new Set(EVENT_ENTRIES.map(({ type }) => type));
      expect(reports.length + queries.length).toBeGreaterThan(0);
      expect(reports.filter((kind) => !REPORTS.has(kind))).toEqual([]);
      expect(queries.filter((path) => !paths.has(path))).toEqual([]);
      expect(events.filter((type) => !types.has(type))).toEqual([]);
      expect(provedBy.length).toBeGreaterThan(0);
      expect(provedBy.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
      expect([asks, remains].every((text) => /^[A-Z].*[.]$/.test(text))).toBe(true);
    },
  );

  it('uses every kind of report there is: one that answers no control would be for nobody', () => {
    const used = new Set(CONTROLS.flatMap(({ answeredBy }) => answeredBy.reports ?? []));
    expect([...REPORTS.keys()].filter((kind) => !used.has(kind as never))).toEqual([]);
  });
});

/** The pages about providers: every connection that they show is one, and every preset has its page. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRESET_NAMES } from '#libs/federation';
import { type ConnectionConfiguration, readConnectionFile } from './index.js';

const pages = join(process.cwd(), 'docs/connect');
/** Secrets and files belong to whoever follows the page. */
const references = { resolve: () => 'a stand-in' };

const shown = globSync('*.md', { cwd: pages })
  .sort()
  .flatMap((page) => {
    const blocks = readFileSync(join(pages, page), 'utf8').matchAll(/```yaml\n(.*?)```/gs);
    return [...blocks]
      .map(([, yaml = ''], index) => [`${page}, ${index + 1}`, yaml] as const)
      .filter(([, yaml]) => yaml.startsWith('- id:')); // others show a part of one
  });
const read = (yaml: string): ConnectionConfiguration => readConnectionFile(yaml, references, null);

describe('a page about a provider', () => {
  it.each(shown)('shows a connection that can be read: %s', (_where, yaml) => {
    expect(read(yaml)).toMatchObject({ directory: expect.any(String) });
  });
});

it('every preset is shown on a page', () => {
  const used = new Set(shown.map(([, yaml]) => read(yaml).preset));
  const missing = PRESET_NAMES.filter((name) => !used.has(name) && !name.startsWith('keycloak'));
  expect(missing).toEqual([]);
});

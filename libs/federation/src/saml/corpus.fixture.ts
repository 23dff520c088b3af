import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const corpora = process.env['TEST_CORPORA'] ?? join(process.cwd(), '../shared/corpora');

/** A file of a corpus: its path below the corpora and its text. */
export interface CorpusFile {
  readonly path: string;
  readonly text: string;
}

/** Whether the corpus is on this machine. */
export function hasCorpus(folder: string): boolean {
  return existsSync(join(corpora, folder));
}

/** Files of a corpus in order of their paths. */
export function corpusFiles(folder: string, extension = '.xml'): readonly CorpusFile[] {
  const paths = globSync(`${folder}/**/*${extension}`, { cwd: corpora }).sort();
  return paths.map((path) => ({ path, text: readFileSync(join(corpora, path), 'utf8') }));
}

/** Describes tests over a corpus; where it is absent, one test says loudly that they were skipped. */
export function describeCorpus(folder: string, title: string, tests: () => void): void {
  if (hasCorpus(folder)) {
    describe(title, tests);
    return;
  }
  describe(title, () => {
    it(`SKIPPED: ${join(corpora, folder)} is absent; set TEST_CORPORA`, () => {
      process.stderr.write(`SKIPPED ${title}: ${join(corpora, folder)} is absent; set TEST_CORPORA\n`);
    });
  });
}

/** The certificate inside a captured response, as the administrator would have pinned it. */
export function pinnedCertificate(xml: string): string {
  const base64 = /X509Certificate>([^<]*)</.exec(xml)?.[1]?.replace(/&#13;|&#xd;|\s/gi, '') ?? '';
  return `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`;
}

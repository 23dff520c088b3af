import type { Rule } from './source-tree.js';

// Spelt in pieces, so that this file obeys its own rules.
const UNFINISHED = new RegExp(`\\b(${['TO', 'FIX'].map((half, index) => half + ['DO', 'ME'][index]).join('|')})\\b`);
const HOMES = ['work', 'root', 'home', 'Users', 'tmp'].join('|');
const MACHINE_PATH = new RegExp(`(?<![\\w.~$})*-])/(${HOMES})/[\\w.-]|\\b[A-Z]:\\\\Users`);

/** Work is done or it is an issue; a note in the source is neither. */
export const isFinished: Rule = ({ path, text }) =>
  linesWith(UNFINISHED, path, text, 'unfinished: finish it, or open an issue');

/** No path that exists on one machine only. */
export const isPortable: Rule = ({ path, text }) =>
  linesWith(MACHINE_PATH, path, text, 'absolute path of one machine: make it relative, or ask os.tmpdir()');

function linesWith(pattern: RegExp, path: string, text: string, message: string): string[] {
  return text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${message}`] : []));
}

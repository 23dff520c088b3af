/** How jest runs the tests of one check, and what came of them. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ROOT } from './pinned-node.mjs';

const JEST = `${ROOT}node_modules/jest/bin/jest.js`;
const WORKERS = Math.min(4, availableParallelism() + 1); // each takes a gigabyte; one more than cores, since tests of servers wait for a fifth to a third of their time

/**
 * The command that runs the tests of a check.
 * @param {{ roots: string[], match: string[], serially?: boolean }} specs `serially`: one file at a time
 * @param {string} report where jest leaves its report
 * @param {{ paths: string[], flags: string[] }} chosen parts of paths that a spec's must have, and further options
 */
export function testCommand({ roots, match, serially = false }, report, { paths, flags }) {
  const which = [
    '--roots',
    ...roots,
    '--testMatch',
    ...match,
    ...paths.flatMap((path) => ['--testPathPatterns', path]),
  ];
  return [
    'node',
    // Workers inherit these. As `npm start`: each embedded database would otherwise cost a second of compiling.
    '--liftoff-only',
    // Loading a thousand modules for every spec makes much garbage; room for it saves a fifteenth of the time.
    '--min-semi-space-size=16',
    '--max-semi-space-size=64',
    JEST,
    '--ci',
    serially ? '--runInBand' : `--maxWorkers=${WORKERS}`,
    ...which,
    '--json',
    `--outputFile=${report}`,
    ...flags,
  ];
}

/** Tests of a jest report, with each suite that could not even load as one failure. A failed run never counts as none failed. */
export function countTests(report, code) {
  let outcome = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numRuntimeErrorTestSuites: 0 };
  try {
    outcome = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    process.stdout.write('The test runner left no report.\n');
  }
  const { numPassedTests: passed, numPendingTests: skipped } = outcome;
  const failed = outcome.numFailedTests + outcome.numRuntimeErrorTestSuites;
  const sound = code === 0 && passed > 0;
  return { passed, failed: sound ? failed : Math.max(1, failed), skipped };
}

/**
 * `npm test`: sets up, then runs every check, also after one has failed, and ends with one line `N passed, N failed`.
 * With arguments it runs one check: `run-checks.mjs unit PATH… [jest options]` runs the unit tests whose path contains PATH.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { CHECKS } from './checks.mjs';
import { ensureBuilt } from './ensure-built.mjs';
import { pinnedEnvironment, ROOT } from './pinned-node.mjs';
import { testFolderInMemory } from './run-checks-folder.mjs';
import { countTests, testCommand } from './run-checks-tests.mjs';
import { runCommand, signalChild, wasAskedToStop } from './run-command.mjs';
import { BuildError, SetUpError } from './set-up-error.mjs';

const TIME_LIMIT_MS = 80 * 60_000; // of all checks together; they take a third of an hour on two quiet cores
const GRACE_MS = 5_000; // from SIGTERM to SIGKILL when the time is over
const REPORTS = `${ROOT}.cache/checks`;

// What a shell has set up for a running Gatebook, or for psql, must not leak into tests. They reach real services by TEST_* alone.
const LEAKING =
  /^(PORT|HOST|NODE_ENV|GATEBOOK_.*|DATABASE_URL|EVENT_STORE_URL|KAFKA_[A-Z_]+|OTEL_[A-Z_]+|SMTP_[A-Z]+|PG[A-Z]+)$/;

const [only, ...more] = process.argv.slice(2);
const flagsAt = more.findIndex((argument) => argument.startsWith('-'));
const [paths, flags] = flagsAt < 0 ? [more, []] : [more.slice(0, flagsAt), more.slice(flagsAt)];
const chosen = CHECKS.filter(({ name }) => only === undefined || name === only);
if (chosen.length === 0) {
  process.stderr.write(`There is no check "${only}". There are: ${CHECKS.map(({ name }) => name).join(', ')}.\n`);
  process.exit(2);
}
const deadline = Date.now() + TIME_LIMIT_MS;
const environment = Object.fromEntries(Object.entries(pinnedEnvironment()).filter(([name]) => !LEAKING.test(name)));
const results = [];
if (await setUp()) {
  const folder = testFolderInMemory();
  if (folder) environment.TMPDIR = folder;
  for (const check of chosen) results.push(await run(check));
}
summarise();

/** Installs and builds; false when no check can run. A failed build is a failed check like any other: lint and types may say why. */
async function setUp() {
  try {
    await ensureBuilt();
    return true;
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    process.stdout.write(`${error.message}\n`);
    results.push({ heading: 'Set-up', seconds: 0, passed: 0, failed: 1, skipped: 0 });
    return error instanceof BuildError;
  }
}

async function run({ name, heading, tool, specs }) {
  process.stdout.write(`\n── ${heading} ${'─'.repeat(60 - heading.length)}\n`);
  const startedAt = performance.now();
  const report = `${REPORTS}/${name}.json`;
  rmSync(report, { force: true });
  mkdirSync(REPORTS, { recursive: true });
  const code = await runUntilDeadline(tool ?? testCommand(specs, report, { paths, flags }));
  if (wasAskedToStop(code)) process.exit(code);
  const counts = tool ? countOne(code) : countTests(report, code);
  return { heading, seconds: (performance.now() - startedAt) / 1000, ...counts };
}

/** Answers the exit code, or undefined when the time was over before the command was done. */
async function runUntilDeadline([file, ...args]) {
  let timers = [];
  let late = false;
  const stopWhenLate = (child) => {
    const stop = (signal) => () => {
      late = true;
      signalChild(child, signal, true);
    };
    const left = Math.max(0, deadline - Date.now());
    timers = [setTimeout(stop('SIGTERM'), left), setTimeout(stop('SIGKILL'), left + GRACE_MS)];
  };
  const options = { cwd: ROOT, env: environment, wholeGroup: true, onStart: stopWhenLate };
  const code = await runCommand(file, args, options);
  timers.forEach(clearTimeout);
  if (late) process.stdout.write(`Stopped: all checks together may take ${TIME_LIMIT_MS / 60_000} minutes.\n`);
  return late ? undefined : code;
}

function countOne(code) {
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

function summarise() {
  const total = (count) => results.reduce((sum, result) => sum + result[count], 0);
  process.stdout.write(`\n── Summary ${'─'.repeat(53)}\n`);
  for (const { heading, seconds, passed, failed, skipped } of results) {
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    process.stdout.write(
      `${failed > 0 ? '✗' : '✓'} ${heading.padEnd(30)} ${seconds.toFixed(1).padStart(6)} s   ${counts}\n`,
    );
  }
  process.exitCode = total('failed') > 0 ? 1 : 0;
  process.stdout.write(`\n${total('passed')} passed, ${total('failed')} failed\n`);
}

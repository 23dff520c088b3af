/**
 * Builds apps, libs and benchmarks into dist/ with the Nest CLI, when dist/ is not the build of these very sources.
 * Installs first where that is needed. Built-ins only, on any Node from 20.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installWhenNeeded, isInstalled, LOCK_FOLDER } from './ensure-installed.mjs';
import { nodePath, pinnedEnvironment, ROOT } from './pinned-node.mjs';
import { runCommand, wasAskedToStop } from './run-command.mjs';
import { BuildError, runEntryPoint } from './set-up-error.mjs';
import { withSetUpLock } from './set-up-lock.mjs';

const SOURCES = [
  'apps',
  'libs',
  'bench',
  'test/chaos',
  'test/support',
  'package.json',
  'nest-cli.json',
  '.swcrc',
  'tsconfig.json',
  'tsconfig.build.json',
];
const NOT_BUILT = /^(node_modules|dist)$|[.]spec[.]ts$/;
const STAMP = `${ROOT}dist/.built-from`; // written last: a build that was cut off has none
const ENTRY = 'dist/apps/all/src/main.js';

/** Makes node_modules match the lockfile and dist/ match the sources. Takes the set-up lock only when there is something to do. */
export async function ensureBuilt() {
  if (!isInstalled() || !isBuilt(fingerprint())) {
    await withSetUpLock(LOCK_FOLDER, async (addHolder) => {
      await installWhenNeeded(addHolder);
      await buildWhenNeeded(addHolder);
    });
  }
  nodePath();
}

async function buildWhenNeeded(addHolder) {
  const sources = fingerprint();
  if (isBuilt(sources)) return;
  process.stderr.write('Building…\n');
  rmSync(STAMP, { force: true });
  let output = '';
  const code = await runCommand(nodePath(), [`${ROOT}node_modules/@nestjs/cli/bin/nest.js`, 'build', 'all'], {
    cwd: ROOT,
    env: { ...pinnedEnvironment(), RUST_BACKTRACE: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    onStart: (child) => {
      addHolder(child.pid);
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    },
  });
  if (wasAskedToStop(code)) process.exit(code); // the next start begins again
  if (code !== 0) throw new BuildError(`The build failed:\n${output.trim()}`);
  // The Nest CLI also answers 0 when it found nothing to compile.
  if (!existsSync(`${ROOT}${ENTRY}`)) throw new BuildError(`The build did not produce ${ENTRY}:\n${output.trim()}`);
  await prepareDatabaseTemplate(addHolder);
  writeFileSync(STAMP, sources); // taken before the build: an edit made meanwhile is built next time
}

/** Without the template a first start makes its own database: slower, and no reason to stop. */
async function prepareDatabaseTemplate(addHolder) {
  await runCommand(nodePath(), ['--liftoff-only', `${ROOT}tools/prepare-database.mjs`], {
    cwd: ROOT,
    env: pinnedEnvironment(),
    stdio: 'ignore',
    onStart: (child) => addHolder(child.pid),
  });
}

function isBuilt(sources) {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources;
}

/** Digest over names and contents, so that neither a deleted file nor a time stamp set by git deceives it. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((path) => filesUnder(path))) {
    const content = contentOf(file);
    hash.update(`${file}\n${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function contentOf(file) {
  try {
    return readFileSync(`${ROOT}${file}`);
  } catch (error) {
    if (error.code === 'ENOENT') return ''; // an editor's temporary file, gone since it was listed
    throw error;
  }
}

function filesUnder(path) {
  if (!existsSync(`${ROOT}${path}`)) return [];
  if (SOURCES.includes(path) && path.includes('.')) return [path];
  const entries = readdirSync(`${ROOT}${path}`, { withFileTypes: true }).filter(({ name }) => !NOT_BUILT.test(name));
  const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((entry) =>
    entry.isDirectory() ? filesUnder(`${path}/${entry.name}`) : [`${path}/${entry.name}`],
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runEntryPoint(ensureBuilt);

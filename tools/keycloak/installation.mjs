/** The files of Keycloak: fetched from Maven Central once per checkout, compared with a fixed digest, unpacked and prepared. Built-in modules only. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { SetUpError } from '../set-up-error.mjs';
import { withSetUpLock } from '../set-up-lock.mjs';

/** The newest whose server is in Maven Central, and there only as a zip. */
const VERSION = '26.7.5';
const SHA256 = '30ef87fb7101c43d29688d1ae80c0588ff4a151b3330e9f664bf9692d398658a';
const ARTIFACT = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';
const CACHE = resolve(dirname(fileURLToPath(import.meta.url)), '../../.cache/keycloak');
const HOME = join(CACHE, `keycloak-${VERSION}`);
const PREPARED = join(HOME, '.prepared');
const MINIMUM_JAVA = 17;
const FETCH_WAIT_MS = 5 * 60_000;
const PREPARE_WAIT_MS = 3 * 60_000;

/** What Keycloak's own start script opens to itself, without the shell. One compiler and one collecting thread: it starts sooner and stays small. */
const JVM = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xms128m',
  '-Xmx512m',
  '-XX:MaxMetaspaceSize=256m',
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.net.preferIPv4Stack=true',
  '-Dfile.encoding=UTF-8',
  '-Duser.language=en',
  ...['util', 'util.concurrent', 'security', 'lang'].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`),
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
  '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
];

/** Why Keycloak cannot be run on this machine; undefined when it can, though it may have to be fetched first. */
export function whyNotInstallable() {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (java.error)
    return `no Java on this machine; install ${MINIMUM_JAVA} or later (Debian: apt-get install openjdk-17-jre-headless)`;
  const version = Number(/version "(?:1[.])?(\d+)/.exec(java.stderr)?.[1]);
  if (!(version >= MINIMUM_JAVA)) return `Java ${version} is too old for Keycloak; install ${MINIMUM_JAVA} or later`;
  if (isInstalled() || !spawnSync('mvn', ['--version']).error) return undefined;
  return 'no Maven to fetch Keycloak with; install it (Debian: apt-get install maven)';
}

/** Whether nothing has to be fetched any more. */
export const isInstalled = () => existsSync(PREPARED);

/**
 * Arguments of `java` that run Keycloak.
 * @param {string[]} command of Keycloak, with its options
 * @param {string[]} [properties] of the virtual machine, besides
 */
export const javaArguments = (command, properties = [], home = HOME) => [
  ...JVM,
  ...properties,
  `-Dkc.home.dir=${home}`,
  `-Djboss.server.config.dir=${join(home, 'conf')}`,
  '-cp',
  join(home, 'lib/quarkus-run.jar'),
  'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
  ...command,
];

/**
 * Fetches and prepares Keycloak where that has not been done. The folder appears whole or not at all.
 * @param {(line: string) => void} [onProgress] told what takes long
 * @throws {SetUpError} when it cannot be fetched, is not what it should be, or cannot be prepared
 */
export async function install(onProgress = () => {}) {
  if (isInstalled()) return;
  await withSetUpLock(join(CACHE, 'set-up'), async (addHolder) => {
    if (isInstalled()) return;
    onProgress(`Fetching Keycloak ${VERSION} from Maven Central (174 MB, once), and preparing it…`);
    const fresh = join(CACHE, 'fetching');
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    await fetchInto(fresh, addHolder);
    const home = join(fresh, `keycloak-${VERSION}`);
    await prepare(home, addHolder);
    writeFileSync(join(home, '.prepared'), SHA256);
    rmSync(HOME, { recursive: true, force: true });
    renameSync(home, HOME);
    rmSync(fresh, { recursive: true, force: true });
  });
}

async function fetchInto(folder, addHolder) {
  const log = join(CACHE, 'maven.log');
  const goal = (name, more = []) => [
    '-B',
    '-q',
    ...more,
    `${PLUGIN}:${name}`,
    `-Dartifact=${ARTIFACT}`,
    `-DoutputDirectory=${folder}`,
  ];
  const failed = `Keycloak could not be fetched; see ${log}. Check the network, then try again.`;
  await run('mvn', goal('copy'), { cwd: folder, log, waitMs: FETCH_WAIT_MS, addHolder, failed });
  const zip = join(folder, `keycloak-quarkus-dist-${VERSION}.zip`);
  const digest = createHash('sha256');
  await pipeline(createReadStream(zip), digest);
  const found = digest.digest('hex');
  if (found !== SHA256)
    throw new SetUpError(
      `What was fetched is not Keycloak ${VERSION}: SHA-256 ${found} instead of ${SHA256}. Remove org/keycloak/keycloak-quarkus-dist from the local Maven repository, then try again.`,
    );
  rmSync(zip);
  // from the local repository, where the copy came from
  await run('mvn', goal('unpack', ['-o']), { cwd: folder, log, waitMs: FETCH_WAIT_MS, addHolder, failed });
}

/** Keycloak links its parts once for the kind of database it will have; otherwise each start would take twenty seconds more. */
async function prepare(home, addHolder) {
  const log = join(CACHE, 'prepare.log');
  const args = javaArguments(['build', '--db=dev-file'], [], home);
  const failed = `Keycloak could not be prepared; see ${log}.`;
  await run('java', args, { cwd: home, log, waitMs: PREPARE_WAIT_MS, addHolder, failed });
}

async function run(file, args, { cwd, log, waitMs, addHolder, failed }) {
  const output = openSync(log, 'w');
  const child = spawn(file, args, { cwd, stdio: ['ignore', output, output], timeout: waitMs, killSignal: 'SIGKILL' });
  if (child.pid) addHolder(child.pid);
  const code = await new Promise((done) => child.once('exit', done).once('error', done));
  if (code !== 0) throw new SetUpError(failed);
}

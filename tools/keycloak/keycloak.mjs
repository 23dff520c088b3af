/**
 * A real Keycloak for tests: its own folder, its own port, loopback only, gone with the process that started it.
 *
 * From a shell: `node tools/keycloak/keycloak.mjs why-not` prints why it cannot run here, and nothing when it can;
 * `install` fetches it; `run REALM.json` runs it in the foreground, to look at a realm in a browser.
 */
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { endOfLog, endProcess } from '../cluster/background-process.mjs';
import { isFree } from '../cluster/ports.mjs';
import { identify, isAlive } from '../cluster/process-identity.mjs';
import { runEntryPoint, SetUpError } from '../set-up-error.mjs';
import { install, javaArguments, whyNotInstallable } from './installation.mjs';

/** A fresh folder takes a quarter of a minute; a busy machine several times that. */
const START_WAIT_MS = 120_000;
const STOP_WAIT_MS = 15_000;
const REQUEST_WAIT_MS = 30_000;
const POLL_MS = 100;
/** An administrator's token lives for a minute; it is asked for anew before. */
const TOKEN_LIFE_MS = 40_000;
/** Where ports are looked for, the last one excluded: below those that the system hands out. */
const PORTS = [12_000, 32_000];
/** Runs the server until standard input ends, which it does when the parent dies, however it dies. Prints the server's id first. */
const KEEPER = `"$@" </dev/null >>"$KEYCLOAK_LOG" 2>&1 & server=$!
echo $server; cat >/dev/null; kill -KILL $server 2>/dev/null; wait $server`;

/**
 * @typedef {object} KeycloakOptions
 * @property {string} folder where its data and its log live; created when absent
 * @property {object[]} [realms] made once it runs, in the form of Keycloak's own export
 * @property {number} [port] a free one otherwise
 * @property {(line: string) => void} [onProgress] told what takes long
 *
 * @typedef {object} Keycloak
 * @property {string} url without a slash at the end
 * @property {number} pid
 * @property {{ username: string, password: string }} administrator
 * @property {(path: string, init?: RequestInit) => Promise<Response>} admin asks its administration, such as `/realms/acme/users`; throws unless the answer is a success
 * @property {() => Promise<void>} stop
 */

/** Why there can be no Keycloak on this machine, after trying to fetch it; undefined when there is one. */
export async function whyNoKeycloak(onProgress) {
  const reason = whyNotInstallable();
  if (reason) return reason;
  try {
    await install(onProgress);
    return undefined;
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    return error.message;
  }
}

/**
 * Starts a Keycloak with the realms given. It ends when this process does.
 * @param {KeycloakOptions} options
 * @returns {Promise<Keycloak>}
 * @throws {SetUpError} when it does not come up; says where its log is
 */
export async function startKeycloak({ folder, realms = [], port, onProgress }) {
  await install(onProgress);
  mkdirSync(folder, { recursive: true });
  const chosen = port ?? (await freePort());
  const url = `http://127.0.0.1:${chosen}`;
  const administrator = { username: 'administrator', password: randomBytes(16).toString('hex') };
  const server = await spawnKept(resolve(folder), chosen, administrator);
  const keycloak = { url, pid: server.pid, administrator, admin: adminOf(url, administrator), stop: server.end };
  try {
    await untilReady(server, url);
    for (const realm of realms) await keycloak.admin('/realms', { method: 'POST', body: JSON.stringify(realm) });
    return keycloak;
  } catch (error) {
    await server.end();
    throw error;
  }
}

async function spawnKept(folder, port, { username, password }) {
  const log = join(folder, 'keycloak.log');
  const args = javaArguments(
    [
      'start',
      '--optimized',
      '--http-enabled=true',
      '--http-host=127.0.0.1',
      `--http-port=${port}`,
      `--hostname=http://127.0.0.1:${port}`,
      '--cache=local', // otherwise it looks for others of its kind, on every network
      `--db-url=jdbc:h2:file:${join(folder, 'database')};NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE`,
    ],
    [`-Dquarkus.transaction-manager.object-store.directory=${join(folder, 'transactions')}`],
  );
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', 'java', ...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      KEYCLOAK_LOG: log,
      KC_BOOTSTRAP_ADMIN_USERNAME: username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: password,
    },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const pid = Number(String(await new Promise((done) => keeper.stdout.once('data', done))).trim());
  for (const handle of [keeper, keeper.stdin, keeper.stdout]) handle.unref();
  const server = identify(pid);
  return {
    pid,
    log,
    isAlive: () => isAlive(server),
    end: async () => {
      await endProcess(server, 'SIGTERM', STOP_WAIT_MS);
      keeper.stdin.end();
    },
  };
}

async function untilReady({ isAlive, log }, url) {
  const deadline = performance.now() + START_WAIT_MS;
  while (!(await answers(`${url}/realms/master/.well-known/openid-configuration`))) {
    if (!isAlive()) throw new SetUpError(`Keycloak ended while it started. The end of ${log}:\n${endOfLog(log)}`);
    if (performance.now() > deadline)
      throw new SetUpError(
        `Keycloak is not ready after ${START_WAIT_MS / 1000} s. The end of ${log}:\n${endOfLog(log)}`,
      );
    await pause(POLL_MS);
  }
}

async function answers(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(REQUEST_WAIT_MS) }).catch(() => null);
  await answer?.arrayBuffer().catch(() => null);
  return answer?.status === 200;
}

/** The administration of all realms, as JSON over HTTP. */
function adminOf(url, administrator) {
  let token = { value: '', until: 0 };
  return async (path, init = {}) => {
    if (performance.now() > token.until)
      token = { value: await tokenOf(url, administrator), until: performance.now() + TOKEN_LIFE_MS };
    const headers = { authorization: `Bearer ${token.value}`, 'content-type': 'application/json', ...init.headers };
    return success(`${url}/admin${path}`, { ...init, headers });
  };
}

async function tokenOf(url, administrator) {
  const body = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...administrator });
  const answer = await success(`${url}/realms/master/protocol/openid-connect/token`, { method: 'POST', body });
  return (await answer.json()).access_token;
}

async function success(url, init) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(REQUEST_WAIT_MS), ...init });
  if (answer.ok) return answer;
  const { method = 'GET' } = init;
  throw new Error(`Keycloak answered ${answer.status} to ${method} ${new URL(url).pathname}: ${await answer.text()}`);
}

async function freePort() {
  for (;;) {
    const port = randomInt(...PORTS);
    if (await isFree(port)) return port;
  }
}

const say = (line) => process.stderr.write(`${line}\n`);

const COMMANDS = {
  'why-not': async () => {
    const reason = await whyNoKeycloak(say);
    if (reason) process.stdout.write(`${reason}\n`);
  },
  install: async () => {
    const reason = await whyNoKeycloak(say);
    if (reason) throw new SetUpError(`Keycloak cannot be run: ${reason}`);
  },
  run: async (file) => {
    if (!file) throw new SetUpError('Name the file of the realm: keycloak.mjs run REALM.json');
    const folder = mkdtempSync(join(tmpdir(), 'gb-keycloak-'));
    const keycloak = await startKeycloak({ folder, realms: [JSON.parse(readFileSync(file, 'utf8'))], onProgress: say });
    const { username, password } = keycloak.administrator;
    say(`${keycloak.url}  administrator: ${username} ${password}  (Ctrl-C ends it and removes its data)`);
    const hold = setInterval(() => {}, START_WAIT_MS);
    await new Promise((done) => process.once('SIGINT', done).once('SIGTERM', done));
    clearInterval(hold);
    await keycloak.stop();
    rmSync(folder, { recursive: true, force: true });
  },
};

function runCommand(word, argument) {
  return runEntryPoint(async () => {
    const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
    if (!command) throw new SetUpError(`Say: keycloak.mjs ${Object.keys(COMMANDS).join('|')}`);
    await command(argument);
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  void runCommand(process.argv[2] ?? '', process.argv[3]);
}

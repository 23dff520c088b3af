import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { dataFolderHolder } from '#libs/database';
import { createLog, type Engine, type Environment, openEngine, readEnvironment } from '#libs/platform';
import { type Terminal, UndecidedError } from './command.js';
import { ServerClient } from './server-client.js';

/** How a command reaches the installation: its data, or the server that holds the data. */
export type Access =
  | { readonly kind: 'engine'; readonly engine: Engine; readonly environment: Environment }
  | { readonly kind: 'server'; readonly server: ServerClient; readonly environment: Environment };

/** How a command wants to reach it. */
export interface AccessOptions {
  /** Whether a data folder that does not exist yet may be made. */
  readonly mayCreate: boolean;
}

/**
 * Opens the installation for a command, and closes it afterwards. `GATEBOOK_URL` leads to a server, `DATABASE_URL` to a database; otherwise
 * the data folder is opened, or, where a server holds it, that server is asked.
 * @throws {UndecidedError} when there is nothing to open, or no key for the server
 */
export async function withInstallation<T>(
  { env }: Pick<Terminal, 'env'>,
  { mayCreate }: AccessOptions,
  work: (access: Access) => Promise<T>,
): Promise<T> {
  const environment = readEnvironment(env);
  const serverUrl = serverOf(env, environment);
  if (serverUrl !== null) return work({ kind: 'server', server: clientOf(env, serverUrl, ADMIN_OR_NONE), environment });
  if (!mayCreate) refuseAbsentFolder(environment);
  const engine = await openEngine({ environment, log: logToStandardError() });
  try {
    return await work({ kind: 'engine', engine, environment });
  } finally {
    await engine.close();
  }
}

/**
 * The server that a command asks which only a server can answer; nothing is opened here.
 * @param scope what a key must have for it
 * @throws {UndecidedError} when no server is named and none holds the data folder, or there is no key for it
 */
export function serverToAsk({ env }: Pick<Terminal, 'env'>, scope: string): ServerClient {
  const url = serverOf(env, readEnvironment(env));
  if (url !== null) return clientOf(env, url, `Set GATEBOOK_API_KEY to a key with the scope ${scope}.`);
  throw new UndecidedError('Only a running server does this. Start it, or name it with GATEBOOK_URL.');
}

/** Whether a running server holds the embedded database of this environment. */
export function folderIsHeld({ databaseUrl, dataDir }: Environment): boolean {
  return databaseUrl === null && dataFolderHolder(dataDir) !== null;
}

/** @throws {UndecidedError} where there is no data folder: nothing was ever started here */
export function refuseAbsentFolder({ databaseUrl, dataDir }: Environment): void {
  if (databaseUrl !== null || existsSync(dataDir)) return;
  throw new UndecidedError(
    `There is no data folder ${resolve(dataDir)}. Name it with GATEBOOK_DATA_DIR, or the database with DATABASE_URL.`,
  );
}

/** What the engine has to say goes beside the command's own answer, never into it. */
export function logToStandardError() {
  return createLog({ level: 'warn', readable: process.stderr.isTTY, destination: process.stderr });
}

function serverOf(env: Terminal['env'], { databaseUrl, dataDir }: Environment): string | null {
  if (env['GATEBOOK_URL']) return env['GATEBOOK_URL'];
  if (databaseUrl !== null) return null;
  const holder = dataFolderHolder(dataDir);
  if (holder === null) return null;
  if (holder.serverUrl) return holder.serverUrl;
  throw new UndecidedError(
    `Process ${holder.pid} holds the data folder ${resolve(dataDir)} and does not serve yet. Try again in a moment, or stop it.`,
  );
}

const ADMIN_OR_NONE =
  'It holds this installation. Set GATEBOOK_API_KEY to an installation key with the scope admin (gatebook recover-access gives one), or stop the server.';

/** @param without what to do where there is no key */
function clientOf(env: Terminal['env'], url: string, without: string): ServerClient {
  const key = env['GATEBOOK_API_KEY'];
  if (key && URL.canParse(url)) return new ServerClient(url, key);
  throw new UndecidedError(
    key
      ? 'GATEBOOK_URL must be an address such as http://localhost:3000.'
      : `The server at ${url} wants a key. ${without}`,
  );
}

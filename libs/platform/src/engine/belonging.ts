import type { DatabaseAttached } from '#libs/contracts';
import type { Queryable } from '#libs/database';
import { decideAndAppend, type WritePath } from '#libs/event-store';
import type { Command, Decider } from '#libs/kernel';
import { type Belonging, bindInstallation, readBelonging, recordLogBegun, requireSealedTail } from '#libs/ledger';
import type { Keyring } from '#libs/vault';
import { InstallationMismatchError } from './belonging.errors.js';
import { appendFirst, installationInLog, installationOf, installationStream, startMetadata } from './first-event.js';

const ATTACHED = 'DatabaseAttached';

/** What has to belong together. */
export interface Parts {
  readonly path: WritePath;
  readonly keyring: Keyring;
  readonly database: Queryable;
  /** Whether the events are kept outside of the database, where another database could stand beside them. */
  readonly external: boolean;
}

/**
 * Makes sure that database, keyring and event store are of one installation, and that the log has begun. Nothing else may be appended before
 * this has resolved. Any number of processes may start at once on one database: the database is bound to the installation before the log
 * begins, and the log is looked at before the database, so none of them takes the beginning by another for a foreign log.
 * @returns the installation's id
 * @throws {InstallationMismatchError} when they do not belong together; nothing was changed
 * @throws {SealedEventMissingError} when the store was set back behind the sealed log
 */
export async function joinInstallation(parts: Parts): Promise<string> {
  const { path, database, external } = parts;
  const inLog = await installationInLog(path.store);
  const belonging = await readBelonging(database);
  const installation = inLog === null ? await begin(parts, belonging) : requireSame(belonging, inLog);
  if (!belonging.logBegun) await recordLogBegun(database);
  await requireSealedTail({ database, store: path.store }); // before anything fills the place of what is missing
  if (external) await attachDatabase(parts, installation, belonging.databaseId);
  return installation;
}

function requireSame({ installation }: Belonging, inLog: string): string {
  if (installation === null) throw InstallationMismatchError.keysLost(inLog);
  if (installation !== inLog) throw InstallationMismatchError.between(installation, inLog);
  return installation;
}

async function begin(parts: Parts, found: Belonging): Promise<string> {
  const { path, keyring, database } = parts;
  const belonging = found.logBegun ? found : await bindInstallation(database, installationOf(keyring));
  const installation = belonging.installation as string;
  if (!found.logBegun) await appendFirst(path, keyring, installation);
  const inLog = await installationInLog(path.store);
  if (inLog === null) throw InstallationMismatchError.logLost(installation);
  return requireSame(belonging, inLog);
}

/**
 * Joins a store outside of the database with this database, for ever: the log says so once, at the first start, and the append at a
 * known revision decides between databases that try at once.
 */
async function attachDatabase({ path, keyring }: Parts, installation: string, database: string): Promise<void> {
  const event: DatabaseAttached = { type: ATTACHED, data: { database } };
  const decider: Decider<Command, { readonly attached: string | null }, DatabaseAttached> = {
    initialState: { attached: null },
    decide: (_command, { attached }) => (attached === null ? [event] : []),
    evolve: (state, { type, data }) =>
      type === ATTACHED ? { attached: (data as DatabaseAttached['data']).database } : state,
  };
  const metadata = startMetadata({ path, keyring, id: database, type: ATTACHED });
  const command = { type: 'AttachDatabase', data: null, metadata };
  const { state } = await decideAndAppend(path, installationStream(installation), decider, command);
  if (state.attached !== database) throw InstallationMismatchError.otherDatabase(installation);
}

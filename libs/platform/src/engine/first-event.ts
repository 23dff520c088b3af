import { v5 as uuidv5 } from 'uuid';
import type { InstallationCreated } from '#libs/contracts';
import { appendOnce, BEFORE_FIRST, deriveId, type EventStore, type WritePath } from '#libs/event-store';
import { type CommandMetadata, INSTALLATION_TENANT, streamName, system } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import { InstallationMismatchError } from './belonging.errors.js';
import { SOFTWARE_VERSION } from './software-version.js';

/** Namespace of installation ids (uuid v5). Fixed for ever. */
const INSTALLATIONS = '0f8e2a4c-73d1-5b96-8c0e-5a9d41b7f263';

/** Type of the event at position 0 of every log. */
const FIRST_TYPE = 'InstallationCreated';

/** Id of a new installation: a function of its keyring, so servers that start at once all mean the same one. */
export function installationOf(keyring: Pick<Keyring, 'fingerprint'>): string {
  return uuidv5(keyring.fingerprint, INSTALLATIONS);
}

/** Stream of the facts about an installation as such. */
export function installationStream(installation: string): string {
  return streamName({ category: 'installation', tenant: INSTALLATION_TENANT, id: installation });
}

/**
 * The installation that a log says it is of, `null` while it is empty.
 * @throws {InstallationMismatchError} when it begins with another event: it is not a log of Gatebook
 */
export async function installationInLog(store: Pick<EventStore, 'readLog'>): Promise<string | null> {
  const { events } = await store.readLog({ after: BEFORE_FIRST, limit: 1 });
  const [first] = events;
  if (first === undefined) return null;
  if (first.type !== FIRST_TYPE) throw InstallationMismatchError.foreignLog(FIRST_TYPE);
  return (first.data as InstallationCreated['data']).installation;
}

/** Begins the log with `InstallationCreated`. Servers that start at once all write the same event, once. */
export async function appendFirst(path: WritePath, keyring: Keyring, installation: string): Promise<void> {
  const event: InstallationCreated = { type: FIRST_TYPE, data: { installation, softwareVersion: SOFTWARE_VERSION } };
  // Two versions of the software may start at once: what they differ in takes no part in the digest.
  const metadata = startMetadata({ path, keyring, id: installation, type: FIRST_TYPE });
  await appendOnce(path, installationStream(installation), [event], metadata);
}

/** Metadata of a fact that the start itself records: the same command, whichever process gives it. */
export function startMetadata({
  path,
  keyring,
  id,
  type,
}: {
  readonly path: WritePath;
  readonly keyring: Keyring;
  readonly id: string;
  readonly type: string;
}): CommandMetadata {
  const commandId = deriveId(id, type);
  return {
    tenant: INSTALLATION_TENANT,
    actor: system('start'),
    commandId,
    commandDigest: keyring.lookupHmac('command', type, id),
    correlationId: commandId,
    now: path.clock.now().toISOString(),
    deriveId: (name) => deriveId(commandId, name),
  };
}

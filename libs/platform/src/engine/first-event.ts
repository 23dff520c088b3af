import { v5 as uuidv5 } from 'uuid';
import type { InstallationCreated } from '#libs/contracts';
import { appendOnce, BEFORE_FIRST, deriveId, type WritePath } from '#libs/event-store';
import { type CommandMetadata, INSTALLATION_TENANT, streamName, system } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import { SOFTWARE_VERSION } from './software-version.js';

/** Namespace of installation ids (uuid v5). Fixed for ever. */
const INSTALLATIONS = '0f8e2a4c-73d1-5b96-8c0e-5a9d41b7f263';

/** Type of the event at position 0 of every log. */
const FIRST_TYPE = 'InstallationCreated';

/**
 * Makes sure that the log begins with `InstallationCreated`. Nothing else may be appended before this has resolved.
 * The installation's id is a function of its keyring, so servers that start at once all write the same event, once.
 * @returns the installation's id
 * @throws when the log begins with another event: it is not a log of Gatebook
 */
export async function beginLog(path: WritePath, keyring: Keyring): Promise<string> {
  const installation = uuidv5(keyring.fingerprint, INSTALLATIONS);
  if ((await path.store.head()) === BEFORE_FIRST) await appendFirst(path, keyring, installation);
  const { events } = await path.store.readLog({ after: BEFORE_FIRST, limit: 1 });
  if (events[0]?.type !== FIRST_TYPE)
    throw new Error(`The event log does not begin with ${FIRST_TYPE}: it belongs to other software.`);
  return installation;
}

async function appendFirst(path: WritePath, keyring: Keyring, installation: string): Promise<void> {
  const event: InstallationCreated = { type: FIRST_TYPE, data: { installation, softwareVersion: SOFTWARE_VERSION } };
  const stream = streamName({ category: 'installation', tenant: INSTALLATION_TENANT, id: installation });
  const commandId = deriveId(installation, FIRST_TYPE);
  const metadata: CommandMetadata = {
    tenant: INSTALLATION_TENANT,
    actor: system('start'),
    commandId,
    // Two versions of the software may start at once: what they differ in takes no part.
    commandDigest: keyring.lookupHmac('command', FIRST_TYPE, installation),
    correlationId: commandId,
    now: path.clock.now().toISOString(),
    deriveId: (name) => deriveId(commandId, name),
  };
  await appendOnce(path, stream, [event], metadata);
}

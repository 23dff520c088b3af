import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SetupLink } from './issue-setup-link.js';
import { readPrivate, writePrivately } from './private-file.js';

/** Asks the server that holds the data folder for a recovery link; holds one uuid. */
const REQUEST_FILE = 'recover-access.request';

/** Its answer: the uuid and the link, as JSON. */
const ANSWER_FILE = 'recover-access.link';

/** How often the asker looks for the answer, milliseconds. */
const LOOK_EVERY_MS = 100;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Asks the server that holds a data folder for a recovery link. There is no key to show, since it may be the last one that was lost: writing
 * into the folder, which belongs to the server's user alone and holds its keyring, is the proof of rights on the host.
 * @returns null when no server answered in time
 */
export async function askForRecoveryLink(dataDir: string, timeoutMs: number): Promise<SetupLink | null> {
  const request = randomUUID();
  const answer = join(dataDir, ANSWER_FILE);
  await writePrivately(join(dataDir, REQUEST_FILE), request);
  for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; await delay(LOOK_EVERY_MS)) {
    const { request: answered, ...link } = readAnswer(await readPrivate(answer));
    if (answered !== request) continue;
    await rm(answer, { force: true });
    return link;
  }
  await rm(join(dataDir, REQUEST_FILE), { force: true });
  return null;
}

function readAnswer(text: string | null): SetupLink & { readonly request: string } {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return { request: '', url: '', expiresAt: '' }; // not there yet
  }
}

/**
 * Answers a request for a recovery link, if there is one. A request that others than the server's own user could have written is removed
 * and not answered.
 * @param issue makes the link
 * @returns `answered`, `refused`, or null when nobody asks
 */
export async function answerRecoveryRequest(
  dataDir: string,
  issue: () => Promise<SetupLink>,
): Promise<'answered' | 'refused' | null> {
  const file = join(dataDir, REQUEST_FILE);
  const request = await readPrivate(file);
  if (request !== null && UUID.test(request)) {
    await rm(file, { force: true });
    await writePrivately(join(dataDir, ANSWER_FILE), JSON.stringify({ request, ...(await issue()) }));
    return 'answered';
  }
  const removed = await rm(file).then(
    () => true,
    () => false,
  );
  return removed ? 'refused' : null;
}

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import type { SetupLinkIssued } from '#libs/contracts';
import { type SetupLinkState, setupLinkDecider } from '#libs/domain';
import { decideAndAppend, deriveId, readAggregate, type WritePath } from '#libs/event-store';
import { type Actor, type CommandMetadata, INSTALLATION_TENANT, instantAfter, streamName } from '#libs/kernel';
import type { Keyring } from '#libs/vault';

/** Life of the link of the first start: a day, in milliseconds. */
export const SETUP_LINK_LIFE_MS = 24 * 3_600_000;

/** Life of a recovery link: 15 minutes, in milliseconds. */
export const RECOVERY_LINK_LIFE_MS = 15 * 60_000;

/** Random bytes in a link's secret: 43 characters of base64url. */
const SECRET_BYTES = 32;

/** Namespace of the ids of first links (uuid v5). Fixed for ever. */
const FIRST_LINKS = 'c1a7a1a6-0f1e-5d0c-8f0b-6e6a3f0f5b21';

/** What issuing a link needs. */
export interface SetupLinkDependencies {
  readonly path: WritePath;
  readonly keyring: Pick<Keyring, 'lookupHmac' | 'fingerprint'>;
  /** Origin at which Gatebook is reached. */
  readonly publicUrl: string;
}

/** A one-time link for an administrator. Whoever has it has every right once: show it to the operator alone. */
export interface SetupLink {
  readonly url: string;
  /** ISO-8601 UTC. */
  readonly expiresAt: string;
}

/** Makes a link for an administrator who has lost every other way in; it works once, for 15 minutes. Its making is recorded. */
export async function issueRecoveryLink(dependencies: SetupLinkDependencies, actor: Actor): Promise<SetupLink> {
  const { path, publicUrl } = dependencies;
  const link = { id: randomUUID(), secret: randomBytes(SECRET_BYTES).toString('base64url') };
  const expiresAt = instantAfter(path.clock.now().toISOString(), RECOVERY_LINK_LIFE_MS);
  await issue(dependencies, { ...link, purpose: 'recovery', expiresAt, actor });
  return { url: urlOf(publicUrl, link), expiresAt };
}

/**
 * The link of the first start: issued when the installation never had one, and the same on every call while it is open, from whichever process.
 * Its secret follows from the keyring, so neither a crash nor two servers that start at once can lose it or make a second.
 * @returns null once it was used or its day is over
 */
export async function firstSetupLink(dependencies: SetupLinkDependencies, actor: Actor): Promise<SetupLink | null> {
  const { path, keyring, publicUrl } = dependencies;
  const secret = Buffer.from(keyring.lookupHmac('setup-link'), 'hex').toString('base64url');
  const link = { id: uuidv5(keyring.fingerprint, FIRST_LINKS), secret };
  const now = path.clock.now().toISOString();
  let { state } = await readAggregate(path, linkStream(link.id), setupLinkDecider);
  if (state.status === 'absent') {
    state = await issue(dependencies, {
      ...link,
      purpose: 'setup',
      expiresAt: instantAfter(now, SETUP_LINK_LIFE_MS),
      actor,
    });
  }
  if (state.status !== 'open' || state.expiresAt <= now) return null;
  return { url: urlOf(publicUrl, link), expiresAt: state.expiresAt };
}

interface NewLink {
  readonly id: string;
  readonly secret: string;
  readonly purpose: Exclude<SetupLinkIssued['data']['purpose'], 'connection'>;
  readonly expiresAt: string;
  readonly actor: Actor;
}

async function issue(
  { path, keyring }: SetupLinkDependencies,
  { id, secret, purpose, expiresAt, actor }: NewLink,
): Promise<SetupLinkState> {
  const commandId = deriveId(id, 'issue');
  const metadata: CommandMetadata = {
    tenant: INSTALLATION_TENANT,
    actor,
    commandId,
    // the end takes no part: two servers that start at once differ in it, and make one link
    commandDigest: keyring.lookupHmac('command', purpose, id),
    correlationId: commandId,
    now: path.clock.now().toISOString(),
    deriveId: (name) => deriveId(commandId, name),
  };
  const tokenSha256 = createHash('sha256').update(secret).digest('hex');
  const data = { link: id, purpose, connection: null, tokenSha256, expiresAt };
  const { state } = await decideAndAppend(path, linkStream(id), setupLinkDecider, {
    type: 'IssueSetupLink',
    data,
    metadata,
  });
  return state;
}

const linkStream = (id: string) => streamName({ category: 'setupLink', tenant: INSTALLATION_TENANT, id });
const urlOf = (publicUrl: string, { id, secret }: { id: string; secret: string }) =>
  `${publicUrl}/setup/${id}.${secret}`;

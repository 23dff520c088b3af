import { createHash, randomBytes } from 'node:crypto';
import { setupLinkDecider } from '#libs/domain';
import { decideAndAppend } from '#libs/event-store';
import { type CommandMetadata, instantAfter, streamName } from '#libs/kernel';
import type { SetupLink, SetupLinkDependencies } from './issue-setup-link.js';

/** Life of a link to the set-up page of a connection: a week, in milliseconds. */
export const CONNECTION_LINK_LIFE_MS = 7 * 24 * 3_600_000;

/** Random bytes in a link's secret: 43 characters of base64url. */
const SECRET_BYTES = 32;

/**
 * Makes a link by which a customer's administrator opens the set-up page of one connection, in one browser, for a week. Whoever has the link
 * can only look at the addresses to enter at the identity provider and try a sign-in out, which changes nothing. The secret is told
 * once: a repeated command makes no second link and answers null.
 * @param metadata of the command; its tenant is the connection's, and the link's id derives from it
 */
export async function issueConnectionLink(
  { path, publicUrl }: Pick<SetupLinkDependencies, 'path' | 'publicUrl'>,
  connection: string,
  metadata: CommandMetadata,
): Promise<{ readonly id: string; readonly link: SetupLink | null; readonly expiresAt: string }> {
  const id = metadata.deriveId('setup-link');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const tokenSha256 = createHash('sha256').update(secret).digest('hex');
  const expiresAt = instantAfter(metadata.now, CONNECTION_LINK_LIFE_MS);
  const stream = streamName({ category: 'setupLink', tenant: metadata.tenant, id });
  const { state } = await decideAndAppend(path, stream, setupLinkDecider, {
    type: 'IssueSetupLink',
    data: { link: id, purpose: 'connection', connection, tokenSha256, expiresAt },
    metadata,
  });
  const isOurs = state.tokenSha256 === tokenSha256;
  const url = `${publicUrl}/setup/${connection}~${id}.${secret}`;
  return { id, link: isOurs ? { url, expiresAt } : null, expiresAt: state.expiresAt };
}

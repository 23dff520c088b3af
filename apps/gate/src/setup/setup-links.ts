import { Inject, Injectable } from '@nestjs/common';
import { SCOPES } from '#libs/contracts';
import { apiKeyDecider, SetupLinkInvalidError, type SetupLinkState, setupLinkDecider } from '#libs/domain';
import { decideAndAppend, deriveId, readAggregate } from '#libs/event-store';
import { type CommandMetadata, INSTALLATION_TENANT, instantAfter, streamName, system } from '#libs/kernel';
import { CLOCK, type Clock, newApiKey, WRITE_PATH, type WritePath } from '#libs/platform';
import { readSetupToken, type SetupToken, setupLinkStream, sha256 } from './setup-token.js';

/** Life of the key that a link gives. */
const KEY_LIFE_MS = 24 * 3_600_000;

/** One-time links that give administrators a key, from their streams: a link that was used is used for every server at once. */
@Injectable()
export class SetupLinks {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {SetupLinkInvalidError} when the link is unknown, used or past its end */
  async find(token: string): Promise<SetupLinkState> {
    const { id, secret } = partsOf(token);
    const { state } = await readAggregate(this.path, setupLinkStream(id), setupLinkDecider);
    const valid =
      state.status === 'open' &&
      state.tokenSha256 === sha256(secret) &&
      this.clock.now().toISOString() < state.expiresAt;
    if (!valid) throw new SetupLinkInvalidError();
    return state;
  }

  /** Uses a link up for an installation key with every scope. The link goes first: two people cannot both use it. @throws {SetupLinkInvalidError} */
  async use(token: string, requestId: string): Promise<{ readonly token: string; readonly expiresAt: string }> {
    const { id, secret } = partsOf(token);
    const metadata = this.#metadata(id, requestId);
    const key = metadata.deriveId('key');
    await decideAndAppend(this.path, setupLinkStream(id), setupLinkDecider, {
      type: 'UseSetupLink',
      data: { tokenSha256: sha256(secret), key, browserSha256: null },
      metadata,
    });
    const made = newApiKey(key);
    const expiresAt = instantAfter(metadata.now, KEY_LIFE_MS);
    const data = {
      key,
      name: 'administrator',
      scopes: [...SCOPES],
      expiresAt,
      secretSha256: made.secretHash,
      reason: 'one-time link',
    };
    const stream = streamName({ category: 'apiKey', tenant: INSTALLATION_TENANT, id: key });
    await decideAndAppend(this.path, stream, apiKeyDecider, { type: 'CreateApiKey', data, metadata });
    return { token: made.token, expiresAt };
  }

  #metadata(link: string, requestId: string): CommandMetadata {
    const commandId = deriveId(link, requestId);
    return {
      tenant: INSTALLATION_TENANT,
      actor: system('setup'),
      commandId,
      commandDigest: '',
      correlationId: requestId,
      now: this.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    };
  }
}

/** Links of connections have pages of their own, and never give a key. */
function partsOf(token: string): SetupToken {
  const parts = readSetupToken(token);
  if (parts.connection !== null) throw new SetupLinkInvalidError();
  return parts;
}

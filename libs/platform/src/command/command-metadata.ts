import canonicalize from 'canonicalize';
import { v5 as uuidv5 } from 'uuid';
import { deriveId } from '#libs/event-store';
import type { Clock, CommandMetadata } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import type { Caller } from '../auth/caller.js';
import type { PlatformRequest } from '../http/platform-request.js';
import { traceparentOf } from '../tracing/traceparent.js';
import { checkIdempotencyKey } from './idempotency-key.js';

/** Namespace of command ids (uuid v5). Fixed for ever: another one would make every repeat a new command. */
const COMMANDS = '6f0b3c52-8a1d-5e7c-9b4f-2d1e0a7c5b38';

/** What a request says about the command that it carries. */
export interface CommandRequest {
  readonly caller: Caller;
  readonly request: Pick<PlatformRequest, 'id' | 'method' | 'path' | 'headers' | 'traceparent'>;
  /** What the command is made from, as JSON: the body; for a DELETE its query. The same id with another body is a misuse. */
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
  /** The tenant that the command is about. */
  readonly tenant: string;
  readonly keyring: Pick<Keyring, 'lookupHmac'>;
  readonly clock: Clock;
}

/**
 * Makes a command's metadata. The command id is a function of tenant, caller, method, path and idempotency key, so a repeat has the same id
 * on every server; the digest is keyed, so that it tells nothing about the body to those who only see the log.
 * @throws {IdempotencyKeyRequiredError} without an idempotency key
 * @throws {InvalidIdempotencyKeyError} when it is malformed
 */
export function commandMetadata({
  caller,
  request,
  body,
  idempotencyKey,
  tenant,
  keyring,
  clock,
}: CommandRequest): CommandMetadata {
  const { actor } = caller;
  const key = checkIdempotencyKey(idempotencyKey);
  const commandId = uuidv5(JSON.stringify([tenant, actor.kind, actor.id, request.method, request.path, key]), COMMANDS);
  const traceparent = traceparentOf(request);
  return {
    tenant,
    actor,
    commandId,
    commandDigest: keyring.lookupHmac('command', canonicalize(body ?? {}) ?? ''),
    correlationId: request.id,
    ...(traceparent === undefined ? {} : { traceparent }),
    now: clock.now().toISOString(),
    deriveId: (name) => deriveId(commandId, name),
  };
}

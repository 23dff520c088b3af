import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { SignedOut } from '#libs/contracts';
import { appendOnce } from '#libs/event-store';
import type { LiveSession } from '#libs/identity';
import { streamName } from '#libs/kernel';
import { CLOCK, type Clock, WRITE_PATH, type WritePath } from '#libs/platform';

/** Namespace of the ids of sign-outs (a random uuid, fixed for good). */
const SIGN_OUT_NAMESPACE = '7d6ff3ad-61a5-4a7c-9a15-3d3b0b0f6f3c';

/** Whose session ends, and the sign-in that it came of. */
export type EndedSession = Pick<LiveSession, 'tenant' | 'account' | 'connection' | 'signIn'>;

/** Records that people leave. */
@Injectable()
export class SignOuts {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Records the end of a session by its owner; of several in one request, each sign-in's once. */
  async record({ tenant, account, connection, signIn }: EndedSession, requestId: string): Promise<void> {
    const id = uuidv5(JSON.stringify([requestId, signIn]), SIGN_OUT_NAMESPACE);
    const event: SignedOut = { type: 'SignedOut', data: { account, connection, signIn } };
    const metadata = {
      tenant,
      actor: { kind: 'account', id: account } as const,
      commandId: id,
      commandDigest: '',
      correlationId: requestId,
      now: this.clock.now().toISOString(),
      deriveId: (name: string) => uuidv5(name, id),
    };
    await appendOnce(this.path, streamName({ category: 'signOut', tenant, id }), [event], metadata);
  }
}

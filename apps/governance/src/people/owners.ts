import { Inject, Injectable } from '@nestjs/common';
import { accountDecider, rolesHeld } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { type Caller, MissingScopeError, WRITE_PATH, type WritePath } from '#libs/platform';

/** The role of those who answer for roles and reviews. */
const OWNER = 'gatebook.owner';

/** Who may open, end and sign off reviews that are not theirs to decide. */
@Injectable()
export class Owners {
  constructor(@Inject(WRITE_PATH) private readonly path: WritePath) {}

  /** Whether an account holds the role now, as its own stream says. */
  async includes(tenant: string, account: string): Promise<boolean> {
    const stream = streamName({ category: 'account', tenant, id: account });
    const { state } = await readAggregate(this.path, stream, accountDecider);
    return rolesHeld(state, this.path.clock.now().toISOString()).includes(OWNER);
  }

  /**
   * Lets administrators through, by key or signed in, and owners who are signed in.
   * @throws {MissingScopeError}
   */
  async require(caller: Caller, tenant: string): Promise<void> {
    if (caller.scopes.has('admin')) return;
    if (caller.via === 'session' && (await this.includes(tenant, caller.actor.id))) return;
    throw new MissingScopeError(['admin']);
  }
}

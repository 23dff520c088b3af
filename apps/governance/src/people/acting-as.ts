import { Inject, Injectable } from '@nestjs/common';
import { accountDecider, countsAt } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { type Caller, MissingScopeError, NotFoundError, WRITE_PATH, type WritePath } from '#libs/platform';
import { ActAsOtherError, ActAsRequiredError } from './acting-as.errors.js';

/** For whom a request speaks, and through what it came. Both are recorded. */
export interface ActingAs {
  /** The account in whose name it is; null for a key that says none. */
  readonly account: string | null;
  readonly via: 'session' | 'apiKey';
  /** Id of the key; null for a session, and for the key of the environment, which has none. */
  readonly apiKey: string | null;
}

/** Likewise, where it is certain that a person stands behind it. */
export interface ActingPerson extends ActingAs {
  readonly account: string;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Finds out in whose name somebody acts. */
@Injectable()
export class ActingPeople {
  constructor(@Inject(WRITE_PATH) private readonly path: WritePath) {}

  /**
   * A person acts for themselves; a key for whoever `actAs` names, if it has the scope `act-as` and the account is an active one of the tenant.
   * @param tenant the tenant that the request is about, which the caller was found to belong to
   * @throws {ActAsOtherError} when a person names somebody else
   * @throws {MissingScopeError} when a key may not speak for people
   * @throws {NotFoundError} when the account is unknown, foreign, deactivated or past its end: all in the same words
   */
  async find(caller: Caller, tenant: string, actAs: string | undefined): Promise<ActingAs> {
    const { id } = caller.actor;
    if (caller.via === 'session') {
      if (actAs !== undefined && actAs !== id) throw new ActAsOtherError();
      return { account: id, via: 'session', apiKey: null };
    }
    if (actAs !== undefined) await this.#mustBeNameable(caller, tenant, actAs);
    return { account: actAs ?? null, via: 'apiKey', apiKey: UUID.test(id) ? id : null };
  }

  /**
   * Likewise, for what only a person can do.
   * @throws {ActAsRequiredError} when a key says no name; and what `find` throws
   */
  async person(caller: Caller, tenant: string, actAs: string | undefined): Promise<ActingPerson> {
    const { account, ...how } = await this.find(caller, tenant, actAs);
    if (account === null) throw new ActAsRequiredError();
    return { account, ...how };
  }

  async #mustBeNameable(caller: Caller, tenant: string, actAs: string): Promise<void> {
    if (!caller.scopes.has('act-as')) throw new MissingScopeError(['act-as']);
    if (!(await this.isActive(tenant, actAs))) throw new NotFoundError('account');
  }

  /** Whether there is such an account in the tenant, and it counts now. */
  async isActive(tenant: string, account: string): Promise<boolean> {
    const stream = streamName({ category: 'account', tenant, id: account });
    const { state } = await readAggregate(this.path, stream, accountDecider);
    return countsAt(state, this.path.clock.now().toISOString());
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { ReviewDecisionRecorded, SignedIn } from '#libs/contracts';
import {
  type AccountState,
  accountDecider,
  type ConnectionForWhyNot,
  type ConnectionState,
  type WhyNot,
  whyNot,
} from '#libs/domain';
import { type EventCodec, readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import {
  CATALOG,
  type Caller,
  CLOCK,
  type Clock,
  EVENT_CODEC,
  EVENT_STORE,
  type EventStore,
  NotFoundError,
} from '#libs/platform';
import { findEventPlaces, findLastSignIns } from '#libs/read-model';
import { ReadModel } from '../reading/read-model.js';

/** An account and a role that it does not hold. */
export interface NotHeld {
  readonly tenant: string;
  readonly account: string;
  readonly role: string;
}

type LastSignIns = ReadonlyMap<string, ConnectionForWhyNot['lastSignIn']>;

/** Says why an account does not hold a role: from its own history, and from the judgements of its last sign-ins. */
@Injectable()
export class WhyNotFinder {
  constructor(
    private readonly readModel: ReadModel,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(EVENT_CODEC) private readonly codec: EventCodec,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @returns no reasons when the account holds the role
   * @throws {NotFoundError} when the tenant has no such account, or never had such a role
   */
  async find(caller: Caller, { tenant, account, role }: NotHeld): Promise<WhyNot[]> {
    const { store, codec } = this;
    const stream = streamName({ category: 'account', tenant, id: account });
    const { state } = await readAggregate<AccountState>({ store, codec }, stream, accountDecider);
    if (!state.exists) throw new NotFoundError('account');
    const view = await this.catalog.current();
    if (view.role(tenant, role) === undefined) throw new NotFoundError('role');
    const last = await this.#lastSignIns(caller, tenant, account);
    const connections = view.connections(tenant).flatMap((connection) => shown(connection, last));
    const reviewItems = await this.#reviewItem(caller, tenant, state.withheld.get(role)?.decision ?? null);
    const liveRoles = view.liveRoles(tenant);
    return whyNot(state, role, { connections, liveRoles, reviewItems }, this.clock.now().toISOString());
  }

  /** The item of a review in which it was decided that the role is withheld. */
  async #reviewItem(caller: Caller, tenant: string, decision: string | null): Promise<ReadonlyMap<string, string>> {
    const places = decision === null ? [] : await findEventPlaces(this.readModel.database, [decision]);
    const events = await this.readModel.events(
      caller,
      places.filter((place) => place.tenant === tenant),
    );
    return new Map(
      events
        .filter(({ type }) => type === 'ReviewDecisionRecorded')
        .map(({ id, data }) => [id, (data as ReviewDecisionRecorded['data']).item]),
    );
  }

  /** What decided about a rule is about a person: who may not see personal data reads that it is withheld. */
  async #lastSignIns(caller: Caller, tenant: string, account: string): Promise<LastSignIns> {
    const places = await findLastSignIns(this.readModel.database, { tenant, account });
    const events = await this.readModel.events(caller, places);
    return new Map(
      events.map(({ id, data }) => {
        const { connection, judgements } = data as SignedIn['data'];
        return [connection, Array.isArray(judgements) ? { event: id, judgements } : null];
      }),
    );
  }
}

function shown({ id, enabled, settings }: ConnectionState, last: LastSignIns): ConnectionForWhyNot[] {
  return settings === null ? [] : [{ id, enabled, settings, lastSignIn: last.get(id) ?? null }];
}

import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { Database } from '#libs/database';
import { encodePositionToken } from '#libs/event-store';
import { INSTALLATION_TENANT, type SealedEvent } from '#libs/kernel';
import {
  CATALOG,
  type Caller,
  CLOCK,
  type Clock,
  DATABASE,
  EVENT_CODEC,
  EVENT_STORE,
  type EventStore,
  tenantFor,
  waitForPosition,
} from '#libs/platform';
import { type EventPlace, type EventReader, readEventBodies, readPosition } from '#libs/read-model';

/** What every question to the read model has in common: whose data, how far it must have come, what the caller may see. */
@Injectable()
export class ReadModel {
  constructor(
    @Inject(DATABASE) readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(EVENT_CODEC) private readonly reader: EventReader,
  ) {}

  /** The tenant that a question is about. @throws {NotFoundError | TenantRequiredError} */
  async tenant(caller: Caller, requested: string | undefined): Promise<string> {
    return tenantFor(caller, requested, await this.customers());
  }

  /** The same, where the installation itself may be asked about by name: its keys and its configuration are facts of no customer. */
  async tenantOrInstallation(caller: Caller, requested: string | undefined): Promise<string> {
    return requested === INSTALLATION_TENANT ? tenantFor(caller, requested) : this.tenant(caller, requested);
  }

  /** Ids of the tenants there are. */
  async customers(): Promise<string[]> {
    return (await this.catalog.current()).tenants().map(({ id }) => id);
  }

  /**
   * Waits until the read model has what the question needs.
   * @param minPosition token of a command that the answer must have seen
   * @param knownAt position that the answer is about
   * @returns position that the read model has reached
   * @throws {ReadModelBehindError} when it does not come that far in time
   */
  async reached(minPosition?: string, knownAt?: number): Promise<number> {
    const position = async () => (await readPosition(this.database)).position;
    await waitForPosition({
      read: async () => (await readPosition(this.database)).storePosition,
      token: minPosition,
    });
    // Waiting only compares numbers, so a position of the sealed log is waited for in the same way.
    const token = knownAt === undefined ? undefined : encodePositionToken(knownAt);
    await waitForPosition({ read: position, token });
    return position();
  }

  /** The present instant, ISO-8601 UTC. */
  now(): string {
    return this.clock.now().toISOString();
  }

  /** Events as the caller may see them, in the order of the places. */
  events(caller: Caller, places: readonly EventPlace[]): Promise<SealedEvent[]> {
    return readEventBodies({ store: this.store, reader: this.reader }, places, maySeePersonal(caller));
  }
}

/** Whether the caller may see personal data. */
export const maySeePersonal = ({ scopes }: Caller): boolean => scopes.has('personal:read');

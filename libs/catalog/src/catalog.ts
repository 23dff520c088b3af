import {
  type ApiKeyState,
  apiKeyDecider,
  type ConfigurationState,
  type ConnectionState,
  configurationDecider,
  connectionDecider,
  type RoleState,
  roleDecider,
  type TenantState,
  tenantDecider,
} from '#libs/domain';
import { BEFORE_FIRST, type EventCodec, type EventStore } from '#libs/event-store';
import { parseStreamName, type RecordedEvent, streamName } from '#libs/kernel';

const CATEGORIES = ['tenant', 'connection', 'role', 'apiKey', 'configuration'] as const;
type Category = (typeof CATEGORIES)[number];

/** A state with the tenant that it belongs to. */
export type InTenant<State> = State & { readonly tenant: string };

/**
 * Tenants, connections, roles and API keys as they stand, folded from their streams.
 * `current()` first reads whatever was appended before it was called, by any process: a connection that was disabled a moment ago is disabled.
 * Never read from the read model: a decision must not wait for a projection, nor act on a stale one.
 */
export class Catalog {
  readonly #folds = new Map<Category, Map<string, unknown>>(CATEGORIES.map((category) => [category, new Map()]));
  #through = BEFORE_FIRST;
  #reading: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly codec: EventCodec,
  ) {}

  /** The catalogue with everything that was appended before this call. Concurrent calls share one read. @throws when the store cannot be read: decide nothing then */
  async current(): Promise<CatalogView> {
    // a read that is under way may have begun before the caller's own append: wait for the one after it
    if (this.#reading !== null) {
      this.#next ??= this.#reading.catch(() => undefined).then(() => this.#startReading());
      await this.#next;
    } else {
      await this.#startReading();
    }
    return new CatalogView(this.#folds);
  }

  /** The catalogue as of the last `current()` of anybody; for what may be a moment old, such as how long a session lives. */
  lastRead(): CatalogView {
    return new CatalogView(this.#folds);
  }

  #startReading(): Promise<void> {
    this.#next = null;
    const reading = this.#readOn().finally(() => {
      if (this.#reading === reading) this.#reading = null;
    });
    this.#reading = reading;
    return reading;
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const page = await this.store.readLog({ after: this.#through, categories: CATEGORIES });
      for (const event of await this.codec.decode(page.events)) this.#fold(event);
      if (page.through === this.#through) return;
      this.#through = page.through;
      if (page.events.length === 0) return;
    }
  }

  #fold(event: RecordedEvent): void {
    const { category, tenant } = parseStreamName(event.stream);
    const decider = DECIDERS[category as Category];
    const states = this.#folds.get(category as Category);
    if (!decider || !states) return;
    const state = decider.evolve((states.get(event.stream) ?? decider.initialState) as never, event);
    states.set(event.stream, { ...(state as object), tenant });
  }
}

const DECIDERS = {
  tenant: tenantDecider,
  connection: connectionDecider,
  role: roleDecider,
  apiKey: apiKeyDecider,
  configuration: configurationDecider,
} as const;

/** What the catalogue holds; read it at once, it moves on with the next `current()`. */
export class CatalogView {
  constructor(private readonly folds: ReadonlyMap<Category, ReadonlyMap<string, unknown>>) {}

  /** All tenants, by id. */
  tenants(): TenantState[] {
    return this.#all<TenantState>('tenant').sort((a, b) => a.id.localeCompare(b.id));
  }

  /** A tenant that was registered, or undefined. */
  tenant(id: string): TenantState | undefined {
    return this.#one<TenantState>('tenant', streamName({ category: 'tenant', tenant: id, id }));
  }

  /** Connections that were not removed, of one tenant or of all. */
  connections(tenant?: string): InTenant<ConnectionState>[] {
    return this.#all<ConnectionState>('connection').filter(
      (connection) => connection.status === 'present' && (tenant === undefined || connection.tenant === tenant),
    );
  }

  /** A connection by its id, which is unique in the installation; removed ones included. */
  connection(id: string): InTenant<ConnectionState> | undefined {
    return this.#all<ConnectionState>('connection').find((connection) => connection.id === id);
  }

  /** Roles of a tenant's catalogue, retired ones included. */
  roles(tenant: string): InTenant<RoleState>[] {
    return this.#all<RoleState>('role').filter((role) => role.tenant === tenant);
  }

  /** A role of a tenant's catalogue, retired or not. */
  role(tenant: string, id: string): InTenant<RoleState> | undefined {
    return this.#one<RoleState>('role', streamName({ category: 'role', tenant, id }));
  }

  /** Ids of the roles that rules and administrators may give. */
  liveRoles(tenant: string): ReadonlySet<string> {
    return new Set(
      this.roles(tenant)
        .filter(({ status }) => status === 'live')
        .map(({ id }) => id),
    );
  }

  /** An API key by its id, whichever tenant it belongs to. */
  apiKey(id: string): InTenant<ApiKeyState> | undefined {
    return this.#all<ApiKeyState>('apiKey').find((key) => key.id === id);
  }

  /** Which configuration file is in force, which one waits. */
  configuration(): ConfigurationState {
    return this.#all<ConfigurationState>('configuration')[0] ?? configurationDecider.initialState;
  }

  #one<State>(category: Category, stream: string): InTenant<State> | undefined {
    return this.folds.get(category)?.get(stream) as InTenant<State> | undefined;
  }

  #all<State>(category: Category): InTenant<State>[] {
    return [...(this.folds.get(category)?.values() ?? [])] as InTenant<State>[];
  }
}

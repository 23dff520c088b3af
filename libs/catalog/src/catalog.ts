import {
  type ApiKeyState,
  apiKeyDecider,
  type ClientState,
  type ConfigurationState,
  type ConnectionState,
  clientDecider,
  configurationDecider,
  connectionDecider,
  type PolicyState,
  policyDecider,
  type RoleState,
  roleDecider,
  type SodExceptionState,
  sodExceptionDecider,
  type TenantState,
  tenantDecider,
} from '#libs/domain';
import { BEFORE_FIRST, type EventCodec, type EventStore } from '#libs/event-store';
import { parseStreamName, type RecordedEvent, streamName } from '#libs/kernel';

const CATEGORIES = [
  'tenant',
  'connection',
  'role',
  'client',
  'policy',
  'sodException',
  'apiKey',
  'configuration',
] as const;
type Category = (typeof CATEGORIES)[number];

/** A state with the tenant that it belongs to. */
export type InTenant<State> = State & { readonly tenant: string };

/**
 * Tenants, connections, roles, clients, policies with their exceptions, and API keys as they stand, folded from their streams.
 * `current()` first reads whatever was appended before it was called, by any process: a connection that was disabled a moment ago is disabled.
 * Never read from the read model: a decision must not wait for a projection, nor act on a stale one.
 */
export class Catalog {
  readonly #folds = new Map<Category, Folds>(CATEGORIES.map((category) => [category, newFolds()]));
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
    const folds = this.#folds.get(category as Category);
    if (!decider || !folds) return;
    const state = decider.evolve((folds.byStream.get(event.stream) ?? decider.initialState) as never, event);
    keep(folds, event.stream, { ...state, tenant });
  }
}

/** States of one category, found by stream, by id and by tenant: every sign-in asks, however many customers there are. */
interface Folds {
  readonly byStream: Map<string, unknown>;
  /** Only for ids that are unique in the installation: of connections, clients and keys. */
  readonly byId: Map<string, unknown>;
  readonly byTenant: Map<string, Map<string, unknown>>;
}

function newFolds(): Folds {
  return { byStream: new Map(), byId: new Map(), byTenant: new Map() };
}

function keep({ byStream, byId, byTenant }: Folds, stream: string, state: { tenant: string }): void {
  byStream.set(stream, state);
  if ('id' in state) byId.set(String(state.id), state);
  const ofTenant = byTenant.get(state.tenant) ?? new Map<string, unknown>();
  byTenant.set(state.tenant, ofTenant.set(stream, state));
}

const DECIDERS = {
  tenant: tenantDecider,
  connection: connectionDecider,
  role: roleDecider,
  client: clientDecider,
  policy: policyDecider,
  sodException: sodExceptionDecider,
  apiKey: apiKeyDecider,
  configuration: configurationDecider,
} as const;

/** What the catalogue holds; read it at once, it moves on with the next `current()`. */
export class CatalogView {
  constructor(private readonly folds: ReadonlyMap<Category, Folds>) {}

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
    const connections =
      tenant === undefined ? this.#all<ConnectionState>('connection') : this.#of<ConnectionState>('connection', tenant);
    return connections.filter(({ status }) => status === 'present');
  }

  /** A connection by its id, which is unique in the installation; removed ones included. */
  connection(id: string): InTenant<ConnectionState> | undefined {
    return this.#byId<ConnectionState>('connection', id);
  }

  /** Roles of a tenant's catalogue, retired ones included. */
  roles(tenant: string): InTenant<RoleState>[] {
    return this.#of<RoleState>('role', tenant);
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

  /** Applications that sign people in through Gatebook and were not removed, of one tenant or of all. */
  clients(tenant?: string): InTenant<ClientState>[] {
    const clients = tenant === undefined ? this.#all<ClientState>('client') : this.#of<ClientState>('client', tenant);
    return clients.filter(({ status }) => status === 'present');
  }

  /** A client by its id, which is unique in the installation; removed ones included. */
  client(id: string): InTenant<ClientState> | undefined {
    return this.#byId<ClientState>('client', id);
  }

  /** Policies that were not removed, switched off ones included, of one tenant or of all. */
  policies(tenant?: string): InTenant<PolicyState>[] {
    const policies = tenant === undefined ? this.#all<PolicyState>('policy') : this.#of<PolicyState>('policy', tenant);
    return policies.filter(({ status }) => status === 'present');
  }

  /** A policy by its id, which is unique in its tenant; removed ones included. */
  policy(tenant: string, id: string): InTenant<PolicyState> | undefined {
    return this.#one<PolicyState>('policy', streamName({ category: 'policy', tenant, id }));
  }

  /** Exceptions from the segregation of duties that were granted in a tenant, without those whose end is written down. */
  sodExceptions(tenant: string): InTenant<SodExceptionState>[] {
    return this.#of<SodExceptionState>('sodException', tenant).filter(({ exists, ended }) => exists && !ended);
  }

  /** An API key by its id, whichever tenant it belongs to. */
  apiKey(id: string): InTenant<ApiKeyState> | undefined {
    return this.#byId<ApiKeyState>('apiKey', id);
  }

  /** Which configuration file is in force, which one waits. */
  configuration(): ConfigurationState {
    return this.#all<ConfigurationState>('configuration')[0] ?? configurationDecider.initialState;
  }

  #one<State>(category: Category, stream: string): InTenant<State> | undefined {
    return this.folds.get(category)?.byStream.get(stream) as InTenant<State> | undefined;
  }

  #byId<State>(category: Category, id: string): InTenant<State> | undefined {
    return this.folds.get(category)?.byId.get(id) as InTenant<State> | undefined;
  }

  #of<State>(category: Category, tenant: string): InTenant<State>[] {
    return [...(this.folds.get(category)?.byTenant.get(tenant)?.values() ?? [])] as InTenant<State>[];
  }

  #all<State>(category: Category): InTenant<State>[] {
    return [...(this.folds.get(category)?.byStream.values() ?? [])] as InTenant<State>[];
  }
}

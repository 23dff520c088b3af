import { Catalog, type CatalogView } from '#libs/catalog';
import { type Configuration, type PlannedChange, planConfiguration } from '#libs/configuration';
import { clientDecider, connectionDecider, policyDecider, roleDecider, tenantDecider } from '#libs/domain';
import { decideAndAppend } from '#libs/event-store';
import type { Decider } from '#libs/kernel';
import { HISTORY_BEGINS } from '../histories/chronicle.js';
import { arrayEventStore, clearCodec } from './array-event-store.js';
import { metadataOf } from './given-when-then.js';

const DECIDERS = {
  tenant: tenantDecider,
  role: roleDecider,
  connection: connectionDecider,
  client: clientDecider,
  policy: policyDecider,
};

/** An installation in memory to which configurations are applied as a server does it: planned, decided, recorded, read back. */
export function installation() {
  const store = arrayEventStore();
  const catalog = new Catalog(store, clearCodec);
  const path = { store, codec: clearCodec, clock: { now: () => new Date(HISTORY_BEGINS) } };
  let commands = 0;

  async function carryOut({ kind, stream, tenant, command }: PlannedChange): Promise<readonly string[]> {
    commands += 1;
    const metadata = metadataOf(`configuration ${commands}`, tenant, HISTORY_BEGINS);
    const decider = DECIDERS[kind] as unknown as Decider<never, unknown, never>;
    const { events } = await decideAndAppend(path, stream, decider, { ...command, metadata } as never);
    return events.map(({ type }) => type);
  }

  return {
    catalog: (): Promise<CatalogView> => catalog.current(),
    /** What a configuration would change. */
    plan: async (configuration: Configuration, { prune = false } = {}): Promise<PlannedChange[]> =>
      planConfiguration(configuration, await catalog.current(), { prune }),
    /** Carries a plan out; answers the types of the events. */
    async carryOut(changes: readonly PlannedChange[]): Promise<string[]> {
      const types: string[] = [];
      for (const change of changes) types.push(...(await carryOut(change)));
      return types;
    },
  };
}

import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type OnApplicationShutdown,
  Optional,
} from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { CSRF_KEY } from '../auth/csrf.js';
import type { Environment } from '../environment/environment.js';
import { Dependencies } from '../health/dependencies.js';
import { StorageHealth } from '../health/storage-health.js';
import type { Log } from '../logging/log.js';
import { EventStoreObserver } from '../metrics/event-store-observer.js';
import { ProjectionMetrics } from '../metrics/projection.metrics.js';
import { type Engine, openEngine } from './open-engine.js';
import * as tokens from './tokens.js';
import { EngineUpkeep } from './upkeep.js';

/** How a process uses the engine. */
export interface EngineModuleOptions {
  readonly log: Log;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /**
   * Whether the process decides (gate, provisioning, governance): then it keeps identity keys and access epochs up to date.
   * Default true.
   */
  readonly decides?: boolean;
  /** See `EngineOptions.usesKafka`. */
  readonly usesKafka?: boolean;
  /** See `EngineOptions.onFatal`. */
  readonly onFatal?: (error: Error) => void;
}

const part = (provide: symbol, of: (engine: Engine) => unknown): FactoryProvider => ({
  provide,
  inject: [tokens.ENGINE],
  useFactory: of,
});

const PARTS: readonly FactoryProvider[] = [
  part(tokens.CLOCK, ({ clock }) => clock),
  part(tokens.DATABASE, ({ database }) => database),
  part(tokens.LEASES, ({ leases }) => leases),
  part(tokens.KEYRING, ({ keyring }) => keyring),
  part(tokens.EVENT_STORE, ({ store }) => store),
  part(tokens.EVENT_CODEC, ({ codec }) => codec),
  part(tokens.WRITE_PATH, ({ writePath }) => writePath),
  part(tokens.CATALOG, ({ catalog }) => catalog),
  part(tokens.SUBJECT_KEYS, ({ subjectKeys }) => subjectKeys),
  part(tokens.IDENTITY_KEYS, ({ identityKeys }) => identityKeys),
  part(tokens.ACCESS_EPOCHS, ({ accessEpochs }) => accessEpochs),
  part(tokens.SESSIONS, ({ sessions }) => sessions),
  part(tokens.SIGN_IN_TRANSACTIONS, ({ signInTransactions }) => signInTransactions),
  part(tokens.ASSERTION_REPLAYS, ({ assertionReplays }) => assertionReplays),
  part(tokens.SECRET_VALUES, ({ secretValues }) => secretValues),
  part(tokens.KEY_PAIRS, ({ keyPairs }) => keyPairs),
  part(tokens.EGRESS, ({ egress }) => egress),
  part(tokens.SEALED_EVENTS, ({ sealedEvents }) => sealedEvents),
  part(tokens.KAFKA, ({ kafka }) => kafka),
  part(CSRF_KEY, ({ csrfKey }) => csrfKey),
];

/**
 * The engine as a global module: every part by its token. Import it once, at the root. It closes last: Nest ends global modules after all
 * others, and this class after its own providers.
 */
@Module({})
export class EngineModule implements OnApplicationShutdown {
  constructor(
    @Inject(tokens.ENGINE) private readonly engine: Engine,
    @Optional() dependencies?: Dependencies,
    @Optional() storage?: StorageHealth,
  ) {
    dependencies?.watch('database', () => engine.database.query('select 1'));
    dependencies?.watch('event-store', () => engine.store.head());
    storage?.watch(engine.database);
  }

  /** Opens everything when the application is made; start fails with the reason if it cannot. */
  static forRoot(environment: Environment, { decides = true, ...options }: EngineModuleOptions): DynamicModule {
    return {
      module: EngineModule,
      global: true,
      providers: [
        {
          provide: tokens.ENGINE,
          inject: [
            { token: EventStoreObserver, optional: true },
            { token: ProjectionMetrics, optional: true },
          ],
          useFactory: (observer?: EventStoreObserver, projecting?: ProjectionMetrics) =>
            openEngine({ environment, ...options, observer, projecting }),
        },
        ...PARTS,
        ...(decides ? [EngineUpkeep] : []),
      ],
      exports: PARTS.map(({ provide }) => provide),
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
  }
}

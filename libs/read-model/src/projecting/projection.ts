import type {
  AccessReviewEvent,
  AccountEvent,
  ApplicationSignedIn,
  ConnectionEvent,
  ElevationEvent,
  FindingEvent,
  HeldChangeEvent,
  ReviewItemEvent,
  RoleEvent,
  SignedIn,
  SignedOut,
  SignInRefused,
  SodExceptionEvent,
  UsageReported,
} from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import type { RowChange, Table } from './table.js';

/** Every event that a projection of this library may read. */
export type ReadableEvent =
  | AccessReviewEvent
  | AccountEvent
  | ApplicationSignedIn
  | ConnectionEvent
  | ElevationEvent
  | FindingEvent
  | HeldChangeEvent
  | ReviewItemEvent
  | RoleEvent
  | SignedIn
  | SignedOut
  | SignInRefused
  | SodExceptionEvent
  | UsageReported;

type Sealed<Type extends ReadableEvent['type']> = SealedEvent<Type, Extract<ReadableEvent, { type: Type }>['data']>;

/** What a projection makes of each type of event. */
export type Handlers = {
  readonly [Type in ReadableEvent['type']]?: (event: Sealed<Type>) => readonly RowChange[];
};

/**
 * How much of an event a projection gets to see.
 * `envelope`: the event as stored, personal fields encrypted, data not upcast. `facts`: at the newest schema version, personal fields
 * `[withheld]`. `personal`: the same in clear, with `[erased]` where the key is gone.
 */
export type Sight = 'envelope' | 'facts' | 'personal';

/** A pure function from events to changes of rows, with the tables that it owns. */
export interface Projection {
  /** Names the checkpoint; together with `version` unique. */
  readonly name: string;
  /** Rises when its tables or its meaning change: it then fills new tables from the beginning of the log. */
  readonly version: number;
  readonly tables: readonly Table[];
  readonly sight: Sight;
  /**
   * Categories that it must understand completely: it stops before an unknown type in one of them.
   * Empty for a projection that looks at envelopes only.
   */
  readonly categories: readonly string[];
  /** Types that it knows and leaves aside. */
  readonly ignores: readonly string[];
  /** Types that it reads; `every` for all there are, known or not. */
  readonly reads: ReadonlySet<string> | 'every';
  project(event: SealedEvent): readonly RowChange[];
}

/** What `projection` needs. */
export interface ProjectionParts {
  readonly sight: Exclude<Sight, 'envelope'>;
  readonly tables: readonly Table<never>[];
  readonly categories: readonly string[];
  readonly on: Handlers;
  readonly ignores?: readonly ReadableEvent['type'][];
}

/** Declares a projection by its handlers. */
export function projection(
  name: string,
  version: number,
  { sight, tables, categories, on, ignores = [] }: ProjectionParts,
): Projection {
  const handlers = new Map(Object.entries(on)) as ReadonlyMap<string, (event: SealedEvent) => readonly RowChange[]>;
  return {
    name,
    version,
    sight,
    tables: tables as unknown as readonly Table[],
    categories,
    ignores,
    reads: new Set(handlers.keys()),
    project: (event) => handlers.get(event.type)?.(event) ?? [],
  };
}

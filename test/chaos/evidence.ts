import type { LoggedEvent as ShownEvent } from '../support/installation.js';

/** An event as the API shows it, as far as the check looks at it. */
export type LoggedEvent = Omit<ShownEvent, 'metadata'>;

/** A grant that counts now, as the API lists it. */
export interface ListedGrant {
  readonly id: string;
  readonly account: string;
  readonly role: string;
}

/** A record on the topic, with its place in the log; a tick has no id. */
export interface TopicRecord {
  readonly partition: number;
  readonly id: string | null;
  /** Of the event, or of the last event that the tick speaks of. */
  readonly position: number;
  readonly sequence: number;
}

/** A sign-in whose answer the browser has received. */
export interface AcknowledgedSignIn {
  readonly assertionId: string;
  readonly userName: string;
}

/** A change by the API, repeated under one key until it was acknowledged. */
export interface AcknowledgedChange {
  readonly account: string;
  readonly type: 'UserDeactivated' | 'UserReactivated';
}

/** An answer about a fixed instant as known at a fixed position, at two times. */
export interface RememberedAnswer {
  readonly query: string;
  readonly first: unknown;
  readonly again: unknown;
}

/** What can be seen of an installation from the outside, once everything has settled. */
export interface Evidence {
  /** Whether the read model reached the last change in time. */
  readonly settled: boolean;
  /** The whole sealed log. */
  readonly events: readonly LoggedEvent[];
  /** Problems that the hash check found, and events that were not sealed. */
  readonly verification: { readonly problems: number; readonly pending: number };
  /** Who holds what now, per tenant, by the read model. */
  readonly access: ReadonlyMap<string, readonly ListedGrant[]>;
  /** What a rebuild of the projections differed in. */
  readonly rebuildDifferences: number;
  readonly parked: number;
  readonly signIns: readonly AcknowledgedSignIn[];
  readonly changes: readonly AcknowledgedChange[];
  readonly remembered: readonly RememberedAnswer[];
  /** Everything on the topic, by partition in the order of offsets. */
  readonly topic: readonly TopicRecord[];
  /** Consumers that stopped because something was missing, in their own words. */
  readonly alarms: readonly string[];
}

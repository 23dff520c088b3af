import type { KurrentDbStandIn, KurrentDbStandInOptions } from './stand-in.options.js';

/**
 * Starts a stand-in, not KurrentDB: a server for tests that speaks the database's gRPC protocol on a loopback port, made from the
 * client's own stubs. It keeps to what an event store needs (appends, reads, subscriptions, deletions, metadata, negotiation,
 * discovery) and can be made to fail. Links, persistent subscriptions, projections, access lists and appends to several streams are
 * not in it, and a slow subscriber is never told that it fell behind. What it shows holds only as far as the same tests pass on a
 * real server.
 */
export async function startKurrentDbStandIn(options: KurrentDbStandInOptions = {}): Promise<KurrentDbStandIn> {
  // the stubs take a while to load, and most users of this library never need them
  const { StandInNode } = await import('./stand-in-node.js');
  return StandInNode.start(options);
}

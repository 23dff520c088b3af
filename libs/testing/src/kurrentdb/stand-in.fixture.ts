import { createHash } from 'node:crypto';
import { type AllStreamRecordedEvent, jsonEvent, KurrentDBClient, type ResolvedEvent } from '@kurrent/kurrentdb-client';
import { type KurrentDbStandIn, type KurrentDbStandInOptions, startKurrentDbStandIn } from './index.js';

/** A stand-in and the real client connected to it. */
export interface Connected {
  readonly standIn: KurrentDbStandIn;
  readonly client: KurrentDBClient;
  /** Another client of the same server. */
  another(url?: string): KurrentDBClient;
  end(): Promise<void>;
}

/** Starts a stand-in and connects the real client. */
export async function connected(options: KurrentDbStandInOptions = {}): Promise<Connected> {
  const standIn = await startKurrentDbStandIn(options);
  const clients: KurrentDBClient[] = [];
  const another = (url = standIn.url) => {
    const client = KurrentDBClient.connectionString(url);
    clients.push(client);
    return client;
  };
  const end = async () => {
    for (const client of clients) await client.dispose();
    await standIn.stop();
  };
  return { standIn, client: another(), another, end };
}

/** A uuid that depends on its name alone. */
export function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Events whose ids depend on their names alone. */
export function events(...names: string[]) {
  return names.map((name) => jsonEvent({ id: idOf(name), type: 'Noted', data: { name } }));
}

/** Everything that an iteration yields. */
export async function all<T>(iteration: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of iteration) found.push(each);
  return found;
}

/** The names of events made by `events`, in the order read; of the server's own events, their stream. */
export function namesOf(read: readonly ResolvedEvent[]): string[] {
  return read.map(({ event }) => (event?.data as { name?: string })?.name ?? `(${event?.streamId})`);
}

/** Events of the whole log without the server's own. */
export async function ownEvents(client: KurrentDBClient): Promise<AllStreamRecordedEvent[]> {
  const read = await all(client.readAll());
  return read.flatMap(({ event }) => (event && !event.streamId.startsWith('$') ? [event] : []));
}

/** Waits until a condition holds. @throws {Error} when it does not within five seconds */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('The condition did not come true within five seconds.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether a promise is still open after so many milliseconds. */
export async function isPending(promise: Promise<unknown>, afterMs: number): Promise<boolean> {
  const late = Symbol('late');
  const timer = new Promise((resolve) => setTimeout(resolve, afterMs, late));
  return (await Promise.race([promise.catch(() => undefined), timer])) === late;
}

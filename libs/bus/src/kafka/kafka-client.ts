import { createRequire } from 'node:module';
import { Kafka, type LogEntry, logLevel } from 'kafkajs';
import { clientConfig, type KafkaOptions } from './kafka-options.js';

/**
 * Where messages go that an operator may want to see. They name brokers, topics and groups, never a password or the content of a record.
 */
export type KafkaLog = (level: 'warn' | 'error', message: string) => void;

/** The same message of the client is told once in this time, in milliseconds: while a broker is away it repeats itself several times a second. */
const TOLD_AGAIN_MS = 30_000;
/** Most messages that are remembered for it. */
const REMEMBERED_MAX = 100;

/** What the client does with its own log where nobody listens. */
export const unheard: KafkaLog = () => {};

/**
 * A client of this Kafka. Connects to nothing yet.
 * @param impatient gives up after about a second instead of a minute: for first contacts, whose failure an operator waits for
 */
export function kafkaClient(
  options: KafkaOptions,
  { log = unheard, impatient = false }: { readonly log?: KafkaLog; readonly impatient?: boolean } = {},
): Kafka {
  restTimers();
  return new Kafka({
    ...clientConfig(options, { impatient }),
    logLevel: logLevel.WARN,
    logCreator: () => {
      const tell = onceInAWhile((message) => log('warn', message)); // what it calls errors are mostly tries that it repeats
      return (entry) => tell(sentence(entry));
    },
  });
}

/** Chosen fields only: others may hold what was sent. */
function sentence({ namespace, log }: LogEntry): string {
  const { message, broker, groupId, error } = log as Record<string, unknown>;
  const about = [broker && `broker: ${broker}`, groupId && `group: ${groupId}`, typeof error === 'string' && error];
  const detail = about.filter(Boolean).join(', ');
  return `Kafka client, ${namespace || 'general'}: ${message}${detail && ` (${detail})`}`;
}

function onceInAWhile(tell: (message: string) => void): (message: string) => void {
  const told = new Map<string, number>();
  return (message) => {
    const now = performance.now();
    if (now - (told.get(message) ?? Number.NEGATIVE_INFINITY) < TOLD_AGAIN_MS) return;
    if (told.size >= REMEMBERED_MAX) told.clear();
    told.set(message, now);
    tell(message);
  };
}

interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
}

/** How soon requests that wait for a place on the connection are looked at again, in milliseconds. */
const PENDING_CHECK_MS = 10;

let rested = false;

/**
 * kafkajs 2.2.4 keeps a timer of 1 ms per connection going, also while nothing waits: 4 % of a core, and from Node 22 a warning about
 * a negative time-out. Its queue then sets a timer only while something does wait.
 * @see https://github.com/tulios/kafkajs/issues/1751
 */
function restTimers(): void {
  if (rested) return;
  rested = true;
  const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const prototype = queue.prototype as RequestQueue & { scheduleCheckPendingRequests(): void };
  prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: RequestQueue) {
    const throttledMs = this.throttledUntil - Date.now();
    if (this.throttleCheckTimeoutId || (throttledMs <= 0 && this.pending.length === 0)) return;
    const check = () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    };
    this.throttleCheckTimeoutId = setTimeout(check, throttledMs > 0 ? throttledMs : PENDING_CHECK_MS);
  };
}

import type { KafkaConfig, SASLOptions } from 'kafkajs';

/** The topic that carries the sealed log where nothing else is said. */
export const DEFAULT_TOPIC = 'gatebook.events.v1';

/** How a client proves to the broker who it is. */
export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** Which Kafka, and how to reach it. */
export interface KafkaOptions {
  /** Some brokers of the cluster, `host:port`; the others are found through them. */
  readonly brokers: readonly string[];
  /** True for the machine's certificate authorities; `ca` (PEM) for one of its own. Off if absent. */
  readonly ssl?: boolean | { readonly ca?: string };
  readonly sasl?: KafkaSasl;
  /** `DEFAULT_TOPIC` if absent. One topic belongs to one installation, and consumer groups are named after it. */
  readonly topic?: string;
}

/**
 * Tries of one request, with waits from 100 ms to 2 s: about a minute. A broker that crashed needs 5 to 12 seconds to come back, and the
 * client's own default gives up before.
 */
const OUTLAST_A_RESTART = { retries: 30, initialRetryTime: 100, maxRetryTime: 2_000 };

/** For the first contact, whose failure is told at once: about a second. */
const TELL_SOON = { retries: 3, initialRetryTime: 100, maxRetryTime: 500 };

/** Longest wait for a connection and for an answer, in milliseconds. */
const CONNECTION_WAIT_MS = 3_000;
const ANSWER_WAIT_MS = 15_000;

/** The client's settings for these options. `impatient` gives up after about a second, otherwise after about a minute. */
export function clientConfig(options: KafkaOptions, { impatient = false } = {}): KafkaConfig {
  return {
    clientId: 'gatebook',
    brokers: [...options.brokers],
    ssl: sslConfig(options.ssl),
    sasl: options.sasl && ({ ...options.sasl } as SASLOptions),
    connectionTimeout: CONNECTION_WAIT_MS,
    requestTimeout: ANSWER_WAIT_MS,
    enforceRequestTimeout: true,
    retry: { ...(impatient ? TELL_SOON : OUTLAST_A_RESTART), restartOnFailure: async () => false },
  };
}

/** Name of the topic. */
export const topicOf = ({ topic = DEFAULT_TOPIC }: KafkaOptions): string => topic;

function sslConfig(ssl: KafkaOptions['ssl']): KafkaConfig['ssl'] {
  if (!ssl || ssl === true) return ssl ?? false;
  return ssl.ca === undefined ? true : { ca: [ssl.ca] };
}

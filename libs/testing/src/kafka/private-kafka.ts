import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A user that the broker asks for its password. */
interface SaslUser {
  readonly username: string;
  readonly password: string;
}

/** What tests need of `tools/kafka/broker.mjs`, which says more. */
interface BrokerTool {
  whyNoBroker(): string | undefined;
  startBroker(options: {
    folder: string;
    diesWithParent: boolean;
    sasl?: SaslUser | undefined;
  }): Promise<RunningBroker>;
}

interface RunningBroker {
  readonly brokers: string;
  readonly saslBrokers: string | null;
  restart(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** A real Kafka for tests. */
export interface PrivateKafka {
  /** Addresses, `host:port`. */
  readonly brokers: readonly string[];
  /** Addresses that ask for the user that was given; empty without one. */
  readonly saslBrokers: readonly string[];
  /** A name that no other topic on it has. */
  topicName(): string;
  /** Ends the broker as a crash would. Its acknowledged data stay. */
  kill(): Promise<void>;
  /** Starts it again, on the same port. */
  restart(): Promise<void>;
  /** Ends it and removes everything; leaves a given broker alone. */
  stop(): Promise<void>;
}

/**
 * Why no Kafka can be started and broken here; undefined when one can. A broker given by `TEST_KAFKA_BROKERS` is not ours to break.
 * @param breaking whether the test kills the broker, or needs users of its own
 */
export function whyNoKafka({ breaking = false }: { readonly breaking?: boolean } = {}): string | undefined {
  if (!process.env['TEST_KAFKA_BROKERS']) return tool().whyNoBroker();
  return breaking ? 'TEST_KAFKA_BROKERS names a broker that is not ours to break' : undefined;
}

/**
 * Starts a Kafka broker of its own that ends with the test process, however that ends. `TEST_KAFKA_BROKERS` wins: then that one is used.
 * @throws when `whyNoKafka` has a reason
 */
export async function startPrivateKafka({ sasl }: { readonly sasl?: SaslUser } = {}): Promise<PrivateKafka> {
  const topicName = () => `gatebook-test-${randomUUID()}`;
  const given = process.env['TEST_KAFKA_BROKERS'];
  if (given) {
    const refuse = () => Promise.reject(new Error('A given Kafka is not ours to break.'));
    return {
      brokers: given.split(','),
      saslBrokers: [],
      topicName,
      kill: refuse,
      restart: refuse,
      stop: async () => {},
    };
  }
  const folder = fs.mkdtempSync(join(tmpdir(), 'gb-kafka-'));
  const broker = await tool().startBroker({ folder, diesWithParent: true, sasl });
  return {
    brokers: [broker.brokers],
    saslBrokers: broker.saslBrokers ? [broker.saslBrokers] : [],
    topicName,
    kill: () => broker.kill(),
    restart: () => broker.restart(),
    stop: () => broker.kill().finally(() => fs.rmSync(folder, { recursive: true, force: true })),
  };
}

/** The tool is no part of a build, so it is found from the root when it is needed. */
function tool(): BrokerTool {
  return createRequire(join(process.cwd(), 'package.json'))('./tools/kafka/broker.mjs') as BrokerTool;
}

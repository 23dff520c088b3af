import { PARTITIONS } from '../partitions.js';

/** What the cluster says of a topic. */
export interface TopicFacts {
  readonly topic: string;
  /** Brokers of the cluster. */
  readonly brokers: number;
  readonly partitions: number;
  /** Copies of each partition; the least, where they differ. */
  readonly copies: number;
  /** Settings of the topic by their names, as effective. One that is absent is not judged. */
  readonly settings: ReadonlyMap<string, string>;
}

const DAY_MS = 86_400_000;
/** An event must stay long enough for a reader to be mended over a long weekend. */
const LEAST_RETENTION_MS = 7 * DAY_MS;
/** The largest event with its headers. */
const LEAST_MESSAGE_BYTES = 1_040_000;
/** Copies that survive the loss of one broker without losing what was acknowledged, and take more meanwhile. */
const SAFE_COPIES = 3;
/** Copies that acknowledge, where there are as many. On two brokers that means that nothing is published while one is away: better late than lost. */
const ACKNOWLEDGING_COPIES = 2;

/** Settings that a new topic gets on a cluster of that many brokers. Time in milliseconds, sizes in bytes. */
export function safeSettings(brokers: number): { copies: number; settings: ReadonlyMap<string, string> } {
  const copies = Math.min(SAFE_COPIES, brokers);
  const settings = new Map([
    ['cleanup.policy', 'delete'],
    ['retention.ms', String(30 * DAY_MS)],
    ['retention.bytes', '-1'],
    ['unclean.leader.election.enable', 'false'],
    ['min.insync.replicas', String(Math.min(ACKNOWLEDGING_COPIES, copies))],
    ['max.message.bytes', '1048588'],
  ]);
  return { copies, settings };
}

/** Settings that are looked at. */
export const JUDGED_SETTINGS: readonly string[] = [...safeSettings(1).settings.keys()];

/** Everything about a topic that would lose events or their order, each with what mends it; empty for a safe one. */
export function topicProblems(facts: TopicFacts): string[] {
  const { partitions, copies, brokers, topic, settings } = facts;
  const set = (setting: string) => `Run: kafka-configs --alter --topic ${topic} --add-config ${setting}.`;
  const value = (name: string) => Number(settings.get(name) ?? Number.NaN);
  const retention = value('retention.ms');
  const checks: [wrong: boolean, problem: string][] = [
    [
      partitions !== PARTITIONS,
      `It has ${partitions} partitions and needs ${PARTITIONS}. That cannot be mended: delete it, or name another topic, and let the relay create it.`,
    ],
    [
      settings.get('cleanup.policy')?.includes('compact') ?? false,
      `It is compacted, which drops older events of a stream. ${set('cleanup.policy=delete')}`,
    ],
    [
      retention !== -1 && retention < LEAST_RETENTION_MS,
      `It keeps events for less than 7 days (retention.ms: ${retention}). ${set(`retention.ms=${30 * DAY_MS}`)}`,
    ],
    [
      settings.has('retention.bytes') && value('retention.bytes') !== -1,
      `It drops events beyond a size (retention.bytes: ${value('retention.bytes')}). ${set('retention.bytes=-1')}`,
    ],
    [
      settings.get('unclean.leader.election.enable') === 'true',
      `It may elect a leader that lacks acknowledged events. ${set('unclean.leader.election.enable=false')}`,
    ],
    [
      copies >= 2 && value('min.insync.replicas') < 2,
      `It acknowledges what a single broker holds (min.insync.replicas: ${value('min.insync.replicas')}, copies: ${copies}). ${set('min.insync.replicas=2')}`,
    ],
    [
      copies === 1 && brokers >= SAFE_COPIES,
      `It has one copy on a cluster of ${brokers} brokers. Run: kafka-reassign-partitions with a plan that gives each partition ${SAFE_COPIES} replicas; then ${set('min.insync.replicas=2')}`,
    ],
    [
      value('max.message.bytes') < LEAST_MESSAGE_BYTES,
      `It refuses large events (max.message.bytes: ${value('max.message.bytes')}). ${set('max.message.bytes=1048588')}`,
    ],
  ];
  return checks.filter(([wrong]) => wrong).map(([, problem]) => problem);
}

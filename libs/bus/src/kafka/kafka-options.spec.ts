import { createRequire } from 'node:module';
import { explained, ForeignTopicError, KafkaUnavailableError } from './kafka.errors.js';
import { kafkaClient } from './kafka-client.js';
import { clientConfig, DEFAULT_TOPIC, topicOf } from './kafka-options.js';
import { safeSettings, type TopicFacts, topicProblems } from './topic-safety.js';

const brokers = ['one:9092', 'two:9092'];

describe('options of Kafka', () => {
  it('mean plain text and nobody where nothing is said', () => {
    expect(clientConfig({ brokers })).toMatchObject({ brokers, ssl: false, sasl: undefined });
  });

  it.each([
    [true, true],
    [false, false],
    [{}, true],
    [{ ca: 'PEM' }, { ca: ['PEM'] }],
  ])('say how TLS is trusted: %p', (ssl, expected) => {
    expect(clientConfig({ brokers, ssl }).ssl).toEqual(expected);
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('say who asks: %s', (mechanism) => {
    const sasl = { mechanism, username: 'gatebook', password: 'secret' };
    expect(clientConfig({ brokers, sasl }).sasl).toEqual(sasl);
  });

  it('outlast a restart of the broker, except where an operator waits', () => {
    const patience = (impatient: boolean) => {
      const { retries = 0, maxRetryTime = 0 } = clientConfig({ brokers }, { impatient }).retry ?? {};
      return retries * maxRetryTime;
    };
    expect(patience(false)).toBeGreaterThan(30_000);
    expect(patience(true)).toBeLessThan(3_000);
  });

  it('name the topic', () => {
    expect([topicOf({ brokers }), topicOf({ brokers, topic: 'mine' })]).toEqual([DEFAULT_TOPIC, 'mine']);
  });

  it('make a client whose idle connections set no timer', () => {
    kafkaClient({ brokers });
    const queue = createRequire(__filename)('kafkajs/src/network/requestQueue').prototype;
    const idle = { throttledUntil: -1, throttleCheckTimeoutId: null, pending: [] };
    queue.scheduleCheckPendingRequests.call(idle);
    expect(idle.throttleCheckTimeoutId).toBeNull();
  });
});

describe('a topic', () => {
  const facts = (more: Partial<TopicFacts> = {}): TopicFacts => {
    const { copies, settings } = safeSettings(more.brokers ?? 3);
    return { topic: 'events', brokers: 3, partitions: 12, copies, settings, ...more };
  };
  const withSetting = (name: string, value: string) =>
    facts({ settings: new Map([...facts().settings, [name, value]]) });

  it.each([1, 2, 3, 5])('as it is created on %i brokers is safe', (count) => {
    expect(topicProblems(facts({ brokers: count }))).toEqual([]);
  });

  it.each([
    [1, 1, '1'],
    [2, 2, '2'],
    [3, 3, '2'],
    [5, 3, '2'],
  ])('on %i brokers has %i copies, of which %s acknowledge', (count, copies, acknowledging) => {
    const made = safeSettings(count);
    expect([made.copies, made.settings.get('min.insync.replicas')]).toEqual([copies, acknowledging]);
  });

  it.each<[string, TopicFacts, RegExp]>([
    ['other partitions', facts({ partitions: 6 }), /6 partitions and needs 12/],
    ['compaction', withSetting('cleanup.policy', 'compact,delete'), /compacted.*cleanup.policy=delete/],
    ['short retention', withSetting('retention.ms', '3600000'), /less than 7 days/],
    ['a limit in bytes', withSetting('retention.bytes', '1000000'), /retention.bytes=-1/],
    [
      'unclean elections',
      withSetting('unclean.leader.election.enable', 'true'),
      /unclean.leader.election.enable=false/,
    ],
    ['one copy that acknowledges', withSetting('min.insync.replicas', '1'), /min.insync.replicas=2/],
    ['a single copy', facts({ copies: 1 }), /one copy on a cluster of 3 brokers/],
    ['small messages', withSetting('max.message.bytes', '100000'), /refuses large events/],
  ])('with %s is refused, and says what mends it', (_, unsafe, problem) => {
    expect(topicProblems(unsafe)).toEqual([expect.stringMatching(problem)]);
  });

  it('may keep events for ever', () => expect(topicProblems(withSetting('retention.ms', '-1'))).toEqual([]));
});

describe('an error of the client', () => {
  it.each([
    ['SASL SCRAM SHA256 authentication failed', /KAFKA_SASL_PASSWORD/],
    ['self-signed certificate in certificate chain', /KAFKA_SSL and the certificate/],
    ['Client network socket disconnected before secure TLS connection was established', /does not speak TLS/],
    ['getaddrinfo ENOTFOUND kafka.acme.example', /a name in KAFKA_BROKERS/],
    ['Connection error: connect ECONNREFUSED 127.0.0.1:9092', /no broker answers/],
    ['Closed connection', /expects TLS/],
    ['Not authorized to access topics: [Topic authorization failed]', /the user may not do that/],
  ])('"%s" says what to look at', (message, advice) => {
    const wrapped = Object.assign(new Error('Retries exceeded'), { cause: new Error(message) });
    expect(explained(wrapped)).toBeInstanceOf(KafkaUnavailableError);
    expect(explained(wrapped).message).toMatch(advice);
  });

  it('of ours passes as it is', () => {
    const ours = new ForeignTopicError('events', 'a', 'b');
    expect(explained(ours)).toBe(ours);
  });
});

/** The environment: defaults, every refusal with its reason, and no secret repeated. */
import { EnvironmentRefusedError } from './environment.errors.js';
import { readEnvironment } from './environment.js';

const ADMIN_KEY = 'correct-horse-battery-staple';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readEnvironment(env);
  } catch (error) {
    if (error instanceof EnvironmentRefusedError) return error.problems;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  it('needs nothing: the defaults are the demo on loopback', () =>
    expect(readEnvironment({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:3000',
      trustedProxies: [],
      egressAllow: [],
      samlXPathShortcut: true,
      dataDir: './data',
      configFile: null,
      keyring: 'file:data/keyring.json',
      adminKey: null,
      databaseUrl: null,
      eventStoreUrl: null,
      kafka: null,
      mail: null,
      reportsFolder: null,
      tracesUrl: null,
      logLevel: 'info',
      demo: true,
      warnings: [],
    }));

  it('takes empty values for unset ones', () =>
    expect(readEnvironment({ PORT: '', DATABASE_URL: '', GATEBOOK_CONFIG: '' }).demo).toBe(true));

  it('derives the public address from the port', () =>
    expect(readEnvironment({ PORT: '3456' }).publicUrl).toBe('http://localhost:3456'));

  it.each([
    [{ GATEBOOK_PUBLIC_URL: 'http://127.0.0.1:3000' }, true],
    [{ GATEBOOK_PUBLIC_URL: 'https://gatebook.example' }, false],
    [{ GATEBOOK_CONFIG: 'gatebook.yaml' }, false],
    [{ DATABASE_URL: 'postgresql://db/gatebook' }, false],
    [{ EVENT_STORE_URL: 'kurrentdb://db:2113' }, false],
    [{ KAFKA_BROKERS: 'kafka:9092' }, true],
  ])('with %j has the demo: %s', (env, demo) => expect(readEnvironment(env).demo).toBe(demo));

  it.each([
    [{ PORT: '0' }, /PORT must be a port number/],
    [{ PORT: '70000' }, /PORT must be a port number/],
    [{ PORT: '3e3' }, /PORT must be a port number/],
    [{ GATEBOOK_PUBLIC_URL: 'gatebook.example' }, /must be an http\(s\) origin/],
    [{ GATEBOOK_PUBLIC_URL: 'https://gatebook.example/base' }, /without path/],
    [{ GATEBOOK_PUBLIC_URL: 'https://ada:pw@gatebook.example' }, /origin/],
    [{ GATEBOOK_PUBLIC_URL: 'http://gatebook.example' }, /must be https/],
    [{ GATEBOOK_PUBLIC_URL: 'http://127.0.0.1.evil.example' }, /must be https/],
    [{ GATEBOOK_TRUSTED_PROXIES: '10.0.0.0/8,everybody' }, /addresses or CIDR/],
    [{ GATEBOOK_TRUSTED_PROXIES: '0.0.0.0/0' }, /trust everybody/],
    [{ GATEBOOK_TRUSTED_PROXIES: 'true' }, /addresses or CIDR/],
    [{ GATEBOOK_KEYRING: 'keyring.json' }, /file:PATH or env:NAME/],
    [{ GATEBOOK_ADMIN_KEY: 'short' }, /at least 24 characters/],
    [{ DATABASE_URL: 'mysql://db' }, /postgresql:\/\//],
    [{ EVENT_STORE_URL: 'http://store:2113' }, /EVENT_STORE_URL .*kurrentdb:\/\//],
    [{ KAFKA_BROKERS: 'kafka' }, /KAFKA_BROKERS must be host:port/],
    [{ KAFKA_BROKERS: 'kafka:99999' }, /KAFKA_BROKERS must be host:port/],
    [{ KAFKA_BROKERS: 'http://kafka:9092' }, /KAFKA_BROKERS must be host:port/],
    [{ KAFKA_TOPIC: 'events' }, /no effect without KAFKA_BROKERS/],
    [{ KAFKA_BROKERS: 'kafka:9092', KAFKA_TOPIC: 'gatebook events' }, /KAFKA_TOPIC must be the name of a topic/],
    [{ KAFKA_BROKERS: 'kafka:9092', KAFKA_TOPIC: '..' }, /KAFKA_TOPIC must be the name of a topic/],
    [{ KAFKA_BROKERS: 'kafka:9092', KAFKA_TOPIC: 'e'.repeat(250) }, /KAFKA_TOPIC must be the name of a topic/],
    [{ KAFKA_SSL: 'true' }, /no effect without KAFKA_BROKERS/],
    [{ KAFKA_BROKERS: 'kafka:9092', KAFKA_SSL: 'yes' }, /KAFKA_SSL must be true, false, or file:PATH/],
    [{ KAFKA_BROKERS: 'kafka:9092', KAFKA_SSL: 'file:/nowhere.pem' }, /KAFKA_SSL names a file that cannot be read/],
    [{ KAFKA_BROKERS: 'kafka:9092', KAFKA_SASL_USERNAME: 'ada' }, /belong together/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /must be an http\(s\) address/],
    [{ SMTP_URL: 'mail.acme.example:25', SMTP_FROM: 'gatebook@acme.example' }, /SMTP_URL must be smtp:\/\//],
    [{ SMTP_URL: 'smtp://mail.acme.example', SMTP_FROM: 'gatebook' }, /SMTP_FROM must be an address/],
    [{ SMTP_URL: 'smtp://mail.acme.example' }, /SMTP_URL and SMTP_FROM belong together/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL must be one of/],
    [{ HOST: '0.0.0.0' }, /HOST would show the demo/],
  ] as [Record<string, string>, RegExp][])('refuses %j and says why', (env, reason) =>
    expect(problemsOf(env)).toEqual([expect.stringMatching(reason)]),
  );

  it('lets a real installation listen on every address', () =>
    expect(readEnvironment({ HOST: '0.0.0.0', GATEBOOK_PUBLIC_URL: 'https://gatebook.example' }).host).toBe('0.0.0.0'));

  it('names all problems at once and repeats no value', () => {
    const problems = problemsOf({ PORT: 'x', GATEBOOK_ADMIN_KEY: 'hunter2', DATABASE_URL: 'mysql://ada:secret@db' });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toMatch(/hunter2|secret|ada/);
  });

  it('accepts proxies by address, range and name', () =>
    expect(readEnvironment({ GATEBOOK_TRUSTED_PROXIES: '10.0.0.0/8, ::1,loopback' }).trustedProxies).toEqual([
      '10.0.0.0/8',
      '::1',
      'loopback',
    ]));

  it('knows where mail goes and where it comes from', () =>
    expect(
      readEnvironment({ SMTP_URL: 'smtps://gatebook:secret@mail.acme.example', SMTP_FROM: 'Gatebook <g@acme.example>' })
        .mail,
    ).toEqual({ url: 'smtps://gatebook:secret@mail.acme.example', from: 'Gatebook <g@acme.example>' }));

  it('knows how Kafka is reached', () =>
    expect(
      readEnvironment({
        KAFKA_BROKERS: 'one.acme.example:9092, [::1]:9093',
        KAFKA_TOPIC: 'acme.access_events-2',
        KAFKA_SSL: 'true',
        KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_SASL_USERNAME: 'gatebook',
        KAFKA_SASL_PASSWORD: 'secret',
      }).kafka,
    ).toEqual({
      brokers: ['one.acme.example:9092', '[::1]:9093'],
      topic: 'acme.access_events-2',
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'gatebook', password: 'secret' },
    }));

  it('names the topic where nothing else is said', () =>
    expect(readEnvironment({ KAFKA_BROKERS: 'kafka:9092' }).kafka?.topic).toBe('gatebook.events.v1'));

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }, 'http://collector:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector/traces' }, 'http://collector/traces'],
  ])('sends traces where OpenTelemetry would with %j', (env, url) => expect(readEnvironment(env).tracesUrl).toBe(url));

  it('warns of names that it does not know, and while the administrator key is set', () => {
    const { warnings } = readEnvironment({
      GATEBOOK_PUBLIK_URL: 'x',
      GATEBOOK_SECRET_OKTA: 'x',
      GATEBOOK_URL: 'x',
      GATEBOOK_ADMIN_KEY: ADMIN_KEY,
    });
    expect(warnings).toEqual([
      expect.stringMatching(/GATEBOOK_PUBLIK_URL/),
      expect.stringMatching(/GATEBOOK_ADMIN_KEY is set/),
    ]);
    expect(warnings.join()).not.toContain(ADMIN_KEY);
  });
});

describe('the addresses that requests of our own may reach', () => {
  it.each([
    ['idp.internal', ['idp.internal']],
    ['127.0.0.1:8080, 10.1.2.0/24,IDP.internal:8443', ['127.0.0.1:8080', '10.1.2.0/24', 'idp.internal:8443']],
  ])('are %s', (list, entries) =>
    expect(readEnvironment({ GATEBOOK_EGRESS_ALLOW: list }).egressAllow).toEqual(entries),
  );

  it.each(['0.0.0.0/0', 'https://idp.internal', 'a b', 'host:port'])('are never %s', (list) =>
    expect(() => readEnvironment({ GATEBOOK_EGRESS_ALLOW: list })).toThrow('GATEBOOK_EGRESS_ALLOW'),
  );
});

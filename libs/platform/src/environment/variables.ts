import { z } from 'zod';
import { EventStoreUrlError, parseKurrentDbUrl } from '#libs/event-store';
import { isAddressRange } from './network-address.js';

/** Levels of the log, from the quietest. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
/** One of them. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Ways to sign in to Kafka. */
export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
/** One of them. */
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** Shortest administrator key, in characters. */
export const ADMIN_KEY_LENGTH_MIN = 24;

/** Most entries of `GATEBOOK_TRUSTED_PROXIES`. */
const TRUSTED_PROXIES_MAX = 64;

/** Most entries of `GATEBOOK_EGRESS_ALLOW`. */
const EGRESS_ALLOW_MAX = 64;

/** Most entries of `KAFKA_BROKERS`. */
const KAFKA_BROKERS_MAX = 32;

/** Longest name of a topic that Kafka takes, in characters. */
const TOPIC_NAME_LENGTH_MAX = 249;

/** Longest value of any variable, in characters. */
const VALUE_LENGTH_MAX = 8_192;

const text = z.string().max(VALUE_LENGTH_MAX, `must be at most ${VALUE_LENGTH_MAX} characters`);

/** Every variable that Gatebook reads, with what is wrong with a value and how to mend it. */
export const VARIABLES = z.object({
  PORT: text
    .regex(/^\d{1,5}$/, 'must be a port number, 1 to 65535')
    .transform(Number)
    .refine((port) => port >= 1 && port <= 65_535, 'must be a port number, 1 to 65535')
    .default(3000),
  HOST: text.regex(/^[A-Za-z0-9.:_-]+$/, 'must be a host name or an address').default('127.0.0.1'),
  GATEBOOK_PUBLIC_URL: text
    .refine(isOrigin, 'must be an http(s) origin such as https://gatebook.example, without path')
    .optional(),
  GATEBOOK_TRUSTED_PROXIES: text
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .refine((list) => list.length <= TRUSTED_PROXIES_MAX, `must name at most ${TRUSTED_PROXIES_MAX} ranges`)
    .refine(
      (list) => list.every(isAddressRange),
      'must be addresses or CIDR ranges separated by commas; a range of /0 would trust everybody',
    )
    .default([]),
  GATEBOOK_EGRESS_ALLOW: text
    .transform((list) => list.split(',').map((entry) => entry.trim().toLowerCase()))
    .refine((list) => list.length <= EGRESS_ALLOW_MAX, `must name at most ${EGRESS_ALLOW_MAX} hosts or ranges`)
    .refine(
      (list) => list.every((entry) => isAddressRange(entry) || isHostAndMaybePort(entry)),
      'must be hosts, host:port or CIDR ranges separated by commas, such as idp.internal,10.1.2.0/24',
    )
    .default([]),
  GATEBOOK_SAML_XPATH_SHORTCUT: z.enum(['on', 'off'], 'must be on or off').default('on'),
  GATEBOOK_DATA_DIR: text.default('./data'),
  GATEBOOK_CONFIG: text.optional(),
  GATEBOOK_REPORTS_FOLDER: text.optional(),
  GATEBOOK_KEYRING: text.regex(/^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*)$/s, 'must be file:PATH or env:NAME').optional(),
  GATEBOOK_ADMIN_KEY: text
    .min(
      ADMIN_KEY_LENGTH_MIN,
      `must have at least ${ADMIN_KEY_LENGTH_MIN} characters: it opens everything; make one with "openssl rand -base64 32"`,
    )
    .regex(/^[\x21-\x7e]*$/, 'must be visible ASCII without spaces: it travels in a header')
    .optional(),
  DATABASE_URL: text.refine(isPostgresUrl, 'must be a postgresql:// address').optional(),
  EVENT_STORE_URL: text.superRefine(refuseEventStoreUrl).optional(),
  KAFKA_BROKERS: text
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .refine((list) => list.length <= KAFKA_BROKERS_MAX, `must name at most ${KAFKA_BROKERS_MAX} brokers`)
    .refine(
      (list) => list.every(isHostAndPort),
      'must be host:port of one or more brokers, separated by commas, such as kafka-1.acme.example:9092',
    )
    .optional(),
  KAFKA_TOPIC: text
    .refine(
      isTopicName,
      `must be the name of a topic: 1 to ${TOPIC_NAME_LENGTH_MAX} of the characters A-Z, a-z, 0-9, ".", "_" and "-", and neither "." nor ".."`,
    )
    .optional(),
  KAFKA_SSL: text
    .refine(
      (value) => value === 'true' || value === 'false' || value.startsWith('file:'),
      'must be true, false, or file:PATH of the certificate authority (PEM)',
    )
    .optional(),
  KAFKA_SASL_MECHANISM: text
    .transform((name) => name.toLowerCase())
    .pipe(z.enum(SASL_MECHANISMS, `must be one of ${SASL_MECHANISMS.join(', ')}`))
    .optional(),
  KAFKA_SASL_USERNAME: text.optional(),
  KAFKA_SASL_PASSWORD: text.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: text.refine(isHttpUrl, 'must be an http(s) address of an OTLP receiver').optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text
    .refine(isHttpUrl, 'must be an http(s) address that takes OTLP traces')
    .optional(),
  SMTP_URL: text
    .refine(isSmtpUrl, 'must be smtp://host:port or smtps://host:port, with user and password if need be')
    .optional(),
  SMTP_FROM: text
    .regex(/^[^\r\n]{0,200}[^\s<>@]+@[^\s<>@]+>?$/, 'must be an address such as Gatebook <gatebook@acme.example>')
    .optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

/** Their values, checked. */
export type Variables = z.infer<typeof VARIABLES>;

/** What is wrong with variables that mean something only together. */
export function halfSaid(variables: Variables): string[] {
  const { KAFKA_BROKERS, KAFKA_TOPIC, KAFKA_SSL } = variables;
  const { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } = variables;
  const sasl = [KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD];
  const mail = [variables.SMTP_URL, variables.SMTP_FROM].filter((value) => value !== undefined).length;
  const told = sasl.filter((value) => value !== undefined).length;
  return [
    KAFKA_BROKERS === undefined && (told > 0 || KAFKA_SSL !== undefined || KAFKA_TOPIC !== undefined)
      ? 'KAFKA_TOPIC, KAFKA_SSL and KAFKA_SASL_… have no effect without KAFKA_BROKERS. Set it, or unset them.'
      : null,
    told > 0 && told < sasl.length
      ? 'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD belong together: set all three.'
      : null,
    mail === 1 ? 'SMTP_URL and SMTP_FROM belong together: set both, or neither.' : null,
  ].filter((problem) => problem !== null);
}

function isOrigin(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
}

const isHostAndMaybePort = (host: string): boolean =>
  /^[a-z0-9.-]{1,253}(:\d{1,5})?$/.test(host) || isHostAndPort(host);

function isHostAndPort(broker: string): boolean {
  return (
    /^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]{1,253}):\d{1,5}$/.test(broker) && Number(broker.split(':').at(-1)) <= 65_535
  );
}

/** As the broker checks it (`org.apache.kafka.common.internals.Topic`). */
function isTopicName(name: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(name) && name.length <= TOPIC_NAME_LENGTH_MAX && !/^\.\.?$/.test(name);
}

function isSmtpUrl(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== '';
}

function isHttpUrl(address: string): boolean {
  return /^https?:$/.test(URL.parse(address)?.protocol ?? '');
}

/** The store says what is wrong, without showing the address: it may hold a password. */
function refuseEventStoreUrl(address: string, context: z.RefinementCtx): void {
  try {
    parseKurrentDbUrl(address);
  } catch (error) {
    if (!(error instanceof EventStoreUrlError)) throw error;
    context.addIssue({ code: 'custom', message: `is not understood. ${error.message}` });
  }
}

function isPostgresUrl(address: string): boolean {
  return /^postgres(ql)?:$/.test(URL.parse(address)?.protocol ?? '');
}

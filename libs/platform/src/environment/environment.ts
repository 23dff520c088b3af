import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_TOPIC } from '#libs/bus';
import { EnvironmentRefusedError } from './environment.errors.js';
import { isLoopback } from './network-address.js';
import { halfSaid, type LogLevel, type SaslMechanism, VARIABLES, type Variables } from './variables.js';

/** What the environment variables say, checked, with defaults filled in. */
export interface Environment {
  readonly port: number;
  readonly host: string;
  /** Origin under which people and other servers reach this one, without a trailing slash. */
  readonly publicUrl: string;
  /** Addresses and CIDR ranges whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Hosts and ranges that requests of our own may reach although they are private: `host`, `host:port`, CIDR. */
  readonly egressAllow: readonly string[];
  /** Whether SAML verification answers simple XPath questions by a plain walk, which halves its cost; verdicts are the same. */
  readonly samlXPathShortcut: boolean;
  readonly dataDir: string;
  /** Configuration file to apply at start. */
  readonly configFile: string | null;
  /** Where the key-encryption keys are: `file:PATH` or `env:NAME`. */
  readonly keyring: string;
  /** Bearer token with every right on the whole installation. Secret. */
  readonly adminKey: string | null;
  /** PostgreSQL to use in place of the embedded one. Holds a password. */
  readonly databaseUrl: string | null;
  /** KurrentDB or EventStoreDB to record events in, in place of the PostgreSQL. May hold a password. */
  readonly eventStoreUrl: string | null;
  /** Kafka that carries the sealed log to its readers; null where they tail it in the database. */
  readonly kafka: KafkaEnvironment | null;
  /** The server that takes mail, and the address that it comes from; null: no mail is sent. */
  readonly mail: { readonly url: string; readonly from: string } | null;
  /** Folder that scheduled reports are delivered below; null: none is delivered to a folder. */
  readonly reportsFolder: string | null;
  /** Where traces go (OTLP over HTTP), `null` for nowhere. */
  readonly tracesUrl: string | null;
  readonly logLevel: LogLevel;
  /** Nothing was set that would make this an installation: the sample tenant and its identity provider are loaded. */
  readonly demo: boolean;
  /** What is odd but not wrong, one line each. */
  readonly warnings: readonly string[];
}

/** How Kafka is reached. */
export interface KafkaEnvironment {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  /** Name of the topic; one topic belongs to one installation. */
  readonly topic: string;
  /** TLS; with a certificate authority of one's own as PEM text. */
  readonly ssl: boolean | { readonly ca: string };
  /** Holds a password. */
  readonly sasl: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string } | null;
}

/** Names that others read: the command line's server and key, and secrets that a configuration file may refer to. */
const NAMES_OF_OTHERS = /^GATEBOOK_(URL|API_KEY|SECRET_[A-Z0-9_]+)$/;

/**
 * Reads the environment variables; an empty value counts as unset.
 * @throws {EnvironmentRefusedError} naming all problems at once, without any value
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = VARIABLES.safeParse(set);
  if (!parsed.success)
    throw new EnvironmentRefusedError(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}.`));
  const half = halfSaid(parsed.data);
  if (half.length > 0) throw new EnvironmentRefusedError(half);
  const environment = fromVariables(parsed.data, warningsAbout(Object.keys(set)));
  const problems = contradictions(environment);
  if (problems.length > 0) throw new EnvironmentRefusedError(problems);
  return environment;
}

function fromVariables(variables: Variables, warnings: readonly string[]): Environment {
  const { PORT, HOST, GATEBOOK_DATA_DIR, GATEBOOK_PUBLIC_URL, GATEBOOK_CONFIG, DATABASE_URL } = variables;
  const publicUrl = new URL(GATEBOOK_PUBLIC_URL ?? `http://localhost:${PORT}`);
  return {
    port: PORT,
    host: HOST,
    publicUrl: publicUrl.origin,
    trustedProxies: variables.GATEBOOK_TRUSTED_PROXIES,
    egressAllow: variables.GATEBOOK_EGRESS_ALLOW,
    samlXPathShortcut: variables.GATEBOOK_SAML_XPATH_SHORTCUT === 'on',
    dataDir: GATEBOOK_DATA_DIR,
    configFile: GATEBOOK_CONFIG ?? null,
    keyring: variables.GATEBOOK_KEYRING ?? `file:${join(GATEBOOK_DATA_DIR, 'keyring.json')}`,
    adminKey: variables.GATEBOOK_ADMIN_KEY ?? null,
    databaseUrl: DATABASE_URL ?? null,
    eventStoreUrl: variables.EVENT_STORE_URL ?? null,
    kafka: kafkaOf(variables),
    mail: mailOf(variables),
    reportsFolder: variables.GATEBOOK_REPORTS_FOLDER ?? null,
    tracesUrl: tracesUrlOf(variables),
    logLevel: variables.LOG_LEVEL,
    demo:
      [GATEBOOK_CONFIG, DATABASE_URL, variables.EVENT_STORE_URL].every((value) => value === undefined) &&
      isLoopback(publicUrl.hostname),
    warnings: variables.GATEBOOK_ADMIN_KEY
      ? [...warnings, 'GATEBOOK_ADMIN_KEY is set: whoever knows it may do everything. Unset it once API keys exist.']
      : warnings,
  };
}

function kafkaOf(variables: Variables): KafkaEnvironment | null {
  const { KAFKA_BROKERS, KAFKA_TOPIC = DEFAULT_TOPIC, KAFKA_SSL } = variables;
  const { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } = variables;
  if (KAFKA_BROKERS === undefined) return null;
  const sasl = KAFKA_SASL_MECHANISM && {
    mechanism: KAFKA_SASL_MECHANISM,
    username: KAFKA_SASL_USERNAME ?? '',
    password: KAFKA_SASL_PASSWORD ?? '',
  };
  return { brokers: KAFKA_BROKERS, topic: KAFKA_TOPIC, ssl: sslOf(KAFKA_SSL), sasl: sasl ?? null };
}

function mailOf({ SMTP_URL, SMTP_FROM }: Variables): Environment['mail'] {
  return SMTP_URL !== undefined && SMTP_FROM !== undefined ? { url: SMTP_URL, from: SMTP_FROM } : null;
}

function sslOf(value: string | undefined): KafkaEnvironment['ssl'] {
  if (!value?.startsWith('file:')) return value === 'true';
  try {
    return { ca: readFileSync(value.slice('file:'.length), 'utf8') };
  } catch {
    throw new EnvironmentRefusedError(['KAFKA_SSL names a file that cannot be read.']);
  }
}

/** As OpenTelemetry defines it: the general address gets `/v1/traces` appended, the one for traces is used as it is. */
function tracesUrlOf({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT }: Variables): string | null {
  if (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  return OTEL_EXPORTER_OTLP_ENDPOINT ? `${OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, '')}/v1/traces` : null;
}

function warningsAbout(names: readonly string[]): string[] {
  const unknown = names.filter(
    (name) => name.startsWith('GATEBOOK_') && !(name in VARIABLES.shape) && !NAMES_OF_OTHERS.test(name),
  );
  return unknown.map((name) => `${name} is not a variable of Gatebook and has no effect.`);
}

/** Combinations that are each fine alone. */
function contradictions({ publicUrl, demo, host }: Environment): string[] {
  const { protocol, hostname } = new URL(publicUrl);
  return [
    protocol !== 'https:' && !isLoopback(hostname)
      ? 'GATEBOOK_PUBLIC_URL must be https outside of this machine: sessions and assertions would travel in clear.'
      : null,
    demo && !isLoopback(host)
      ? 'HOST would show the demo, where anyone can sign in as anyone, to the network. Set GATEBOOK_CONFIG, or leave HOST on loopback.'
      : null,
  ].filter((problem) => problem !== null);
}

import { join } from 'node:path';
import { z } from 'zod';
import { EnvironmentRefusedError } from './environment.errors.js';
import { isAddressRange, isLoopback } from './network-address.js';

/** Levels of the log, from the quietest. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
/** One of them. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the environment variables say, checked, with defaults filled in. */
export interface Environment {
  readonly port: number;
  readonly host: string;
  /** Origin under which people and other servers reach this one, without a trailing slash. */
  readonly publicUrl: string;
  /** Addresses and CIDR ranges whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: readonly string[];
  readonly dataDir: string;
  /** Configuration file to apply at start. */
  readonly configFile: string | null;
  /** Where the key-encryption keys are: `file:PATH` or `env:NAME`. */
  readonly keyring: string;
  /** Bearer token with every right on the whole installation. Secret. */
  readonly adminKey: string | null;
  /** PostgreSQL to use in place of the embedded one. Holds a password. */
  readonly databaseUrl: string | null;
  readonly logLevel: LogLevel;
  /** Nothing was set that would make this an installation: the sample tenant and its identity provider are loaded. */
  readonly demo: boolean;
  /** What is odd but not wrong, one line each. */
  readonly warnings: readonly string[];
}

/** Shortest administrator key, in characters. */
export const ADMIN_KEY_LENGTH_MIN = 24;

/** Most entries of `GATEBOOK_TRUSTED_PROXIES`. */
const TRUSTED_PROXIES_MAX = 64;

/** Longest value of any variable, in characters. */
const VALUE_LENGTH_MAX = 8_192;

const text = z.string().max(VALUE_LENGTH_MAX, `must be at most ${VALUE_LENGTH_MAX} characters`);

const absent = (reason: string) => z.undefined({ error: reason }).optional();

const VARIABLES = z.object({
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
  GATEBOOK_DATA_DIR: text.default('./data'),
  GATEBOOK_CONFIG: text.optional(),
  GATEBOOK_KEYRING: text.regex(/^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*)$/s, 'must be file:PATH or env:NAME').optional(),
  GATEBOOK_ADMIN_KEY: text
    .min(
      ADMIN_KEY_LENGTH_MIN,
      `must have at least ${ADMIN_KEY_LENGTH_MIN} characters: it opens everything; make one with "openssl rand -base64 32"`,
    )
    .regex(/^[\x21-\x7e]*$/, 'must be visible ASCII without spaces: it travels in a header')
    .optional(),
  DATABASE_URL: text.refine(isPostgresUrl, 'must be a postgresql:// address').optional(),
  EVENT_STORE_URL: absent('is not supported by this version: events are kept in PostgreSQL. Unset it'),
  KAFKA_BROKERS: absent('is not supported by this version: readers follow the sealed log in PostgreSQL. Unset it'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

type Variables = z.infer<typeof VARIABLES>;

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
    dataDir: GATEBOOK_DATA_DIR,
    configFile: GATEBOOK_CONFIG ?? null,
    keyring: variables.GATEBOOK_KEYRING ?? `file:${join(GATEBOOK_DATA_DIR, 'keyring.json')}`,
    adminKey: variables.GATEBOOK_ADMIN_KEY ?? null,
    databaseUrl: DATABASE_URL ?? null,
    logLevel: variables.LOG_LEVEL,
    demo: GATEBOOK_CONFIG === undefined && DATABASE_URL === undefined && isLoopback(publicUrl.hostname),
    warnings: variables.GATEBOOK_ADMIN_KEY
      ? [...warnings, 'GATEBOOK_ADMIN_KEY is set: whoever knows it may do everything. Unset it once API keys exist.']
      : warnings,
  };
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

function isOrigin(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
}

function isPostgresUrl(address: string): boolean {
  return /^postgres(ql)?:$/.test(URL.parse(address)?.protocol ?? '');
}

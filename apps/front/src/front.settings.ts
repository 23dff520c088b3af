import { z } from 'zod';
import { EnvironmentRefusedError, LOG_LEVELS, type LogLevel } from '#libs/platform';
import { parseRanges } from './trusted-peers.js';

/** Most instances behind one front. */
const INSTANCES_MAX = 256;

/** What the environment says to the front. */
export interface FrontSettings {
  readonly port: number;
  readonly host: string;
  readonly logLevel: LogLevel;
  /** Addresses and ranges of proxies before this one, whose `X-Forwarded-*` are believed. */
  readonly trustedProxies: readonly string[];
  /** Origins of the instances of each server, by its name. */
  readonly upstreams: ReadonlyMap<string, readonly string[]>;
}

const entry = z
  .string()
  .regex(/^[a-z][a-z0-9-]*=http:\/\/[^\s/?#@]+\/?$/, 'must be NAME=http://HOST:PORT, separated by commas')
  .transform((text) => {
    const [name, url] = text.split(/=(.*)/s) as [string, string];
    return { name, origin: URL.parse(url)?.origin };
  })
  .refine(({ origin }) => origin, 'must be NAME=http://HOST:PORT, separated by commas');

const list = (text: string) => text.split(',').map((part) => part.trim());

const VARIABLES = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number, 1 to 65535')
    .transform(Number)
    .refine((port) => port >= 1 && port <= 65_535, 'must be a port number, 1 to 65535')
    .default(3000),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/, 'must be a host name or an address')
    .default('127.0.0.1'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  GATEBOOK_TRUSTED_PROXIES: z
    .string()
    .transform(list)
    .refine((ranges) => parseRanges(ranges) !== null, 'must be addresses or CIDR ranges separated by commas')
    .default([]),
  GATEBOOK_UPSTREAMS: z
    .string({ error: 'must say where the servers are, such as gate=http://127.0.0.1:3001,audit=http://127.0.0.1:3002' })
    .transform(list)
    .pipe(z.array(entry).max(INSTANCES_MAX, `must name at most ${INSTANCES_MAX} instances`)),
});

/**
 * Reads the environment variables of the front; an empty value counts as unset.
 * @throws {EnvironmentRefusedError} naming all problems at once, without any value
 */
export function readFrontSettings(env: Readonly<Record<string, string | undefined>>): FrontSettings {
  const parsed = VARIABLES.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value)));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${String(path[0])} ${message}.`);
    throw new EnvironmentRefusedError([...new Set(problems)]);
  }
  const { PORT, HOST, LOG_LEVEL, GATEBOOK_TRUSTED_PROXIES, GATEBOOK_UPSTREAMS } = parsed.data;
  return {
    port: PORT,
    host: HOST,
    logLevel: LOG_LEVEL,
    trustedProxies: GATEBOOK_TRUSTED_PROXIES,
    upstreams: byName(GATEBOOK_UPSTREAMS),
  };
}

function byName(entries: readonly { name: string; origin?: string | undefined }[]): Map<string, string[]> {
  const groups = Map.groupBy(entries, ({ name }) => name);
  return new Map([...groups].map(([name, group]) => [name, group.map(({ origin }) => origin as string)]));
}

import { accessSync, constants } from 'node:fs';
import { EventStoreUrlError } from './kurrentdb.errors.js';

/** A URL that was understood. */
export interface KurrentDbUrl {
  /** For the client. Holds the password: never print it. */
  readonly connectionString: string;
  /** `host:port`, one or more, without user and password: for logs. */
  readonly hosts: readonly string[];
  readonly user?: string;
  /** What to log in with, unencoded. Never print it. Absent when nothing is to be sent. */
  readonly credentials?: { readonly username: string; readonly password: string };
}

const DEFAULT_PORT = '2113';
const MAX_URL_LENGTH = 4_096;
const MAX_OPTION_NUMBER = 3_600_000;

/** The shortest time between two signs of life that a server of this kind accepts without complaint, in milliseconds. */
const SHORTEST_KEEP_ALIVE_MS = 10_000;

/**
 * What we ask of every connection unless the URL says otherwise, times in milliseconds. The deadline is compared with the server's own clock,
 * so it is generous: a short one would make every append fail as soon as the clocks differ by that much. Our own time-outs are shorter. The
 * part of the client that reads waits one interval before it begins, and half a second by default.
 */
const DEFAULTS = {
  connectionName: 'gatebook',
  keepAliveInterval: `${SHORTEST_KEEP_ALIVE_MS}`,
  keepAliveTimeout: '5000',
  defaultDeadline: '30000',
  discoveryInterval: '20',
  maxDiscoverAttempts: '50',
};

type Check = (value: string, name: string) => string;

const OPTIONS: Readonly<Record<string, Check>> = {
  tls: flag,
  tlsVerifyCert: flag,
  tlsCAFile: file,
  userCertFile: file,
  userKeyFile: file,
  connectionName: (value) => value,
  maxDiscoverAttempts: (value, name) => number(value, name, 1),
  discoveryInterval: (value, name) => number(value, name, 1),
  gossipTimeout: (value, name) => number(value, name, 1),
  defaultDeadline: (value, name) => number(value, name, 1_000),
  keepAliveInterval: (value, name) => number(value, name, SHORTEST_KEEP_ALIVE_MS),
  keepAliveTimeout: (value, name) => number(value, name, 1_000),
  nodePreference: (value, name) => only('leader', 'Gatebook reads what it has just written', value, name),
  throwOnAppendFailure: (value, name) => only('true', 'a refused append has to be noticed', value, name),
};

/** Whether this URL names a KurrentDB (or EventStoreDB) server, rightly written or not. */
export function isKurrentDbUrl(url: string): boolean {
  return /^(kurrentdb|esdb)(\+discover)?:/i.test(url.trim());
}

/**
 * Understands `kurrentdb://`, `kurrentdb+discover://`, `esdb://` and `esdb+discover://`, with user and password, one or more hosts and the
 * client's options (`tls`, `tlsCAFile`, …). Fills in our own settings of time. With `tls=false` user and password are left out: such a
 * server asks for none, and they would travel in clear. Several hosts after `+discover` are all asked, not the first alone.
 * @throws {EventStoreUrlError} saying in words what is wrong
 * @see https://docs.kurrent.io/clients/grpc/getting-started.html#connection-string
 */
export function parseKurrentDbUrl(url: string): KurrentDbUrl {
  const { discover, authority, query } = split(url.trim());
  const at = authority.lastIndexOf('@');
  const login = at < 0 ? undefined : loginOf(authority.slice(0, at));
  const hosts = authority
    .slice(at + 1)
    .split(',')
    .map(hostOf);
  const options: Readonly<Record<string, string>> = { ...DEFAULTS, ...optionsOf(query) };
  const bothOrNone = (options.userCertFile === undefined) === (options.userKeyFile === undefined);
  need(bothOrNone, 'userCertFile and userKeyFile belong together. Give both or none.');

  const scheme = discover && hosts.length === 1 ? 'kurrentdb+discover' : 'kurrentdb';
  const credentials = options.tls === 'false' ? undefined : login;
  const sent = credentials ? `${Object.values(credentials).map(encodeURIComponent).join(':')}@` : '';
  const settings = Object.entries(options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return {
    connectionString: `${scheme}://${sent}${hosts.join(',')}?${settings.join('&')}`,
    hosts,
    ...(login ? { user: login.username } : {}),
    ...(credentials ? { credentials } : {}),
  };
}

function split(url: string): { readonly discover: boolean; readonly authority: string; readonly query: string } {
  need(url.length <= MAX_URL_LENGTH, `it is longer than ${MAX_URL_LENGTH} characters.`);
  const scheme = /^(?:kurrentdb|esdb)(\+discover)?:\/\//i.exec(url);
  if (!scheme)
    throw new EventStoreUrlError(
      'it has to begin with kurrentdb://, kurrentdb+discover://, esdb:// or esdb+discover://.',
    );
  const rest = url.slice(scheme[0].length);
  const [authority = ''] = /^[^/?#]*/.exec(rest) ?? [];
  const tail = rest.slice(authority.length);
  need(authority.includes('@') || !tail.includes('@'), ENCODE);
  const query = /^\/?(?:\?([^#]*))?$/.exec(tail);
  if (!query) throw new EventStoreUrlError('after the host there may only be options (?name=value&…), no path.');
  return { discover: scheme[1] !== undefined, authority, query: query[1] ?? '' };
}

const ENCODE =
  'user or password holds a character with a meaning in URLs. Write : / ? # @ and % inside them as %3A %2F %3F %23 %40 and %25.';

function loginOf(text: string): NonNullable<KurrentDbUrl['credentials']> {
  const [username, password, ...more] = text.split(':').map(decoded);
  need(more.length === 0 && !text.includes('@'), ENCODE);
  if (!username || !password)
    throw new EventStoreUrlError('before the @ there have to be a user and a password (user:password@).');
  return { username, password };
}

/** The text of a host is never repeated in an error: with a password written wrongly it may be a part of that. */
function hostOf(text: string): string {
  const [host = '', port = DEFAULT_PORT, ...more] = text.split(':');
  need(host !== '', 'a host is missing.');
  need(
    more.length === 0 && /^[A-Za-z0-9._-]+$/.test(host),
    'a host has to be a name or an IPv4 address, with an optional port.',
  );
  need(
    /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535,
    'a port has to be a number from 1 to 65535.',
  );
  return `${host}:${port}`;
}

function optionsOf(query: string): Record<string, string> {
  const pairs = query === '' ? [] : query.split('&').map((pair) => pair.split('='));
  return Object.fromEntries(
    pairs.map(([given = '', value = '', ...more]) => {
      const name = Object.keys(OPTIONS).find((known) => known.toLowerCase() === given.toLowerCase());
      if (!name)
        throw new EventStoreUrlError(
          `it has an option that is not known. Known are ${Object.keys(OPTIONS).join(', ')}.`,
        );
      need(value !== '' && more.length === 0, `the option ${name} needs one value (${name}=…).`);
      return [name, (OPTIONS[name] as Check)(decoded(value), name)];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new EventStoreUrlError(ENCODE);
  }
}

function flag(value: string, name: string): string {
  need(value === 'true' || value === 'false', `the option ${name} has to be true or false.`);
  return value;
}

function number(value: string, name: string, least: number): string {
  const holds = /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= MAX_OPTION_NUMBER;
  need(holds, `the option ${name} has to be a number from ${least} to ${MAX_OPTION_NUMBER}.`);
  return value;
}

function only(allowed: string, reason: string, value: string, name: string): string {
  need(value.toLowerCase() === allowed, `the option ${name} has to be ${allowed}, because ${reason}. Leave it out.`);
  return allowed;
}

function file(path: string, name: string): string {
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch {
    throw new EventStoreUrlError(`the file of the option ${name} is not there or may not be read (${path}).`);
  }
}

function need(holds: boolean, what: string): void {
  if (!holds) throw new EventStoreUrlError(what);
}

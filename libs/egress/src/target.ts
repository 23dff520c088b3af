import { isIP } from 'node:net';
import { useOf } from './address-use.js';
import { type AllowList, allowList } from './allow-list.js';
import { EGRESS_ALLOW, EgressFailedError, EgressRefusedError } from './egress.errors.js';

/** Finds the addresses of a host name. Rejecting, or answering none, means that there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Where one request goes: checked, and pinned to the addresses that were checked. */
export interface Target {
  readonly url: URL;
  readonly addresses: readonly string[];
}

/** Longest address that is asked for, characters. */
export const URL_LENGTH_MAX = 8_192;
/** A host has at most this many addresses that are tried. */
const ADDRESSES_MAX = 16;
const HTTPS_PORT = 443;
const HTTP_PORT = 80;
/** Below it lie the ports of servers that are not meant to be spoken to by http. */
const FIRST_FREE_PORT = 1024;

/**
 * Reads a URL that a request may be made to.
 * @throws {EgressRefusedError} `egress-url-refused` for what is no absolute http or https URL, holds a user name or password, or is too long
 */
export function readUrl(text: string): URL {
  const url = text.length <= URL_LENGTH_MAX && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw refusedUrl('This is not an absolute URL. Write it with https:// and the host.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refusedUrl(`Requests are made by https only, not by ${url.protocol.slice(0, 20)} Use an https:// address.`);
  if (url.username !== '' || url.password !== '')
    throw refusedUrl('A URL must not hold a user name or password. Leave them out and use the settings for them.');
  return url;
}

/**
 * Resolves the host once and checks every address that it has. The request then goes to these addresses and no others, so an answer of the name
 * server that changes between check and use (DNS rebinding) changes nothing.
 * @throws {EgressRefusedError} when scheme, port or an address is not permitted
 * @throws {EgressFailedError} `egress-unresolvable` when there is no address
 */
export async function locate(url: URL, allow: AllowList, resolve: Resolve): Promise<Target> {
  const host = hostOf(url);
  const port = portOf(url);
  const named = allow.permitsHost(host, port);
  const addresses = isIP(host) ? [host] : await resolved(host, resolve);
  const listed = addresses.every((address) => allow.permitsAddress(address, port));
  for (const address of addresses) checkAddress(address, { host, port, named, allow });
  if (!named && !listed) checkSchemeAndPort(url, host, port);
  return { url, addresses: addresses.slice(0, ADDRESSES_MAX) };
}

/**
 * Tells for which URLs plain HTTP will do: those whose host, a name or an address, the operator's list names for that port. Looks nothing up,
 * so a name does not count as named because it leads into a network of the list.
 * @throws {EgressAllowError} when the list cannot be read
 */
export function plainHttpPermitted(entries: readonly string[]): (url: URL) => boolean {
  const list = allowList(entries);
  return (url) => {
    const [host, port] = [hostOf(url), portOf(url)];
    return list.permitsHost(host, port) || list.permitsAddress(host, port);
  };
}

const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
const portOf = ({ port, protocol }: URL) => Number(port) || (protocol === 'https:' ? HTTPS_PORT : HTTP_PORT);

async function resolved(host: string, resolve: Resolve): Promise<readonly string[]> {
  const addresses = await resolve(host).catch(() => []);
  if (addresses.length > 0) return addresses;
  throw new EgressFailedError('egress-unresolvable', `The host ${host} was not found. Check its name and the DNS.`);
}

/** The address itself is not told: whoever wrote the URL need not learn how names resolve in here. */
function checkAddress(
  address: string,
  asked: { readonly host: string; readonly port: number; readonly named: boolean; readonly allow: AllowList },
): void {
  const use = useOf(address);
  const permitted = use === 'public' || (use === 'internal' && asked.named);
  if (permitted || asked.allow.permitsAddress(address, asked.port)) return;
  const open = use === 'internal' ? 'the host, its address or its network' : 'the address or network itself';
  throw new EgressRefusedError(
    'egress-address-refused',
    `The host ${asked.host} leads to a private, local or reserved address. If that is meant, add ${open} to ${EGRESS_ALLOW}.`,
  );
}

function checkSchemeAndPort({ protocol }: URL, host: string, port: number): void {
  if (protocol !== 'https:')
    throw refusedUrl(`Plain http to ${host} is not safe. Use https, or add the host to ${EGRESS_ALLOW}.`);
  if (port !== HTTPS_PORT && port < FIRST_FREE_PORT)
    throw refusedUrl(
      `Port ${port} of ${host} is not one for https. If it is meant, add ${host}:${port} to ${EGRESS_ALLOW}.`,
    );
}

const refusedUrl = (message: string) => new EgressRefusedError('egress-url-refused', message);

import { domainToASCII } from 'node:url';
import { EgressAllowError } from './egress.errors.js';
import { canonicalAddress, type Network, networkOf } from './network.js';

/** What the operator permits beyond the public internet by https. */
export interface AllowList {
  /** Whether the host was named, for this port or for all. `host` as a URL writes it, without brackets and final dot. */
  permitsHost(host: string, port: number): boolean;
  /** Whether the address, or a network around it, was named, for this port or for all. */
  permitsAddress(address: string, port: number): boolean;
}

/** Entries at most; a longer list is a mistake. */
const ENTRIES_MAX = 1_000;
const PORT_MAX = 65_535;
const ENTRY = /^(\[[^\]]+\]|[^:[\]/]+)(?::(\d{1,5}))?$/;
const HOST = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/**
 * Reads the operator's list: each entry a host name, an address (IPv6 with a port in brackets), either with a port, or a network as CIDR.
 * A name stands for itself only, not for what is below it.
 * @throws {EgressAllowError} for anything else
 */
export function allowList(entries: readonly string[]): AllowList {
  if (entries.length > ENTRIES_MAX) throw new EgressAllowError(`more than ${ENTRIES_MAX} entries`);
  const rules = entries.map((entry) => ruleOf(entry.trim().toLowerCase()));
  return {
    permitsHost: (host, port) => rules.some((rule) => rule.host === host && portFits(rule, port)),
    permitsAddress(address, port) {
      const plain = canonicalAddress(address);
      return plain !== undefined && rules.some((rule) => rule.network?.holds(plain) && portFits(rule, port));
    },
  };
}

interface Rule {
  readonly host?: string;
  readonly network?: Network;
  readonly port?: number;
}

function ruleOf(entry: string): Rule {
  const network = networkOf(plainAddress(entry));
  if (network) return { network };
  const [, written = '', digits] = ENTRY.exec(entry) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > PORT_MAX)) throw new EgressAllowError(entry);
  const ofAddress = networkOf(plainAddress(written.replace(/^\[|\]$/g, '')));
  if (ofAddress) return { network: ofAddress, port };
  const host = domainToASCII(written.replace(/\.$/, ''));
  // All digits and dots would be an address that somebody mistyped.
  if (!HOST.test(host) || /^[\d.]+$/.test(host)) throw new EgressAllowError(entry);
  return { host, port };
}

/** A mapped address in the list means the IPv4 address in it, as it does everywhere else. */
const plainAddress = (text: string) => canonicalAddress(text) ?? text;

const portFits = (rule: Rule, port: number) => rule.port === undefined || rule.port === port;

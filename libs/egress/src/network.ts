import { BlockList, isIP } from 'node:net';

/** A set of neighbouring addresses. */
export interface Network {
  /** Whether the address, in any spelling of {@link canonicalAddress}, lies in it. IPv4 networks hold IPv4 addresses only. */
  holds(address: string): boolean;
}

const BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 };
const FAMILY: Readonly<Record<number, 'ipv4' | 'ipv6'>> = { 4: 'ipv4', 6: 'ipv6' };

/** Reads `10.0.0.0/8`, or a single address; `undefined` for anything else. */
export function networkOf(cidr: string): Network | undefined {
  const [address = '', length, ...rest] = cidr.split('/');
  const version = isIP(address);
  const bits = length === undefined ? BITS[version] : wholeNumber(length);
  if (version === 0 || rest.length > 0 || bits === undefined || bits > (BITS[version] ?? 0)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, bits, FAMILY[version]);
  return { holds: (other) => isIP(other) === version && list.check(other, FAMILY[version]) };
}

const wholeNumber = (text: string) => (/^\d{1,3}$/.test(text) ? Number(text) : undefined);

const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;
const TRANSLATED = /^64:ff9b::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})?$/;

/**
 * Writes an address in its one shortest form. IPv6 that only carries an IPv4 address (RFC 4291 2.5.5.2 mapped, RFC 6052 translated) becomes that
 * address: it is where the packets go.
 * @returns `undefined` for what is no address, or one with a zone
 */
export function canonicalAddress(address: string): string | undefined {
  const version = isIP(address);
  if (version === 4) return address;
  if (version === 0 || !URL.canParse(`http://[${address}]`)) return undefined;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const carried = MAPPED.exec(short) ?? TRANSLATED.exec(short);
  return carried ? dotted(hex(carried[1]), hex(carried[2])) : short;
}

const hex = (group = '0') => Number.parseInt(group, 16);
const dotted = (high: number, low: number) => [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');

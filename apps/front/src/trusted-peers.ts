import { BlockList, isIP } from 'node:net';

/** What the servers understand by these names, too (Express, `trust proxy`). */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** A set of addresses, from addresses, CIDR ranges (never `/0`, which would be everybody) and names of private ranges; null when one is none of these. */
export function parseRanges(ranges: readonly string[]): BlockList | null {
  const set = new BlockList();
  for (const range of ranges.flatMap((text) => NAMED[text] ?? [text])) {
    const [address = '', prefix, ...rest] = range.split('/');
    const version = isIP(address);
    const bits = prefix === undefined ? bitsOf(version) : Number(prefix);
    if (version === 0 || rest.length > 0 || !Number.isInteger(bits) || bits < 1 || bits > bitsOf(version)) return null;
    set.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4');
  }
  return set;
}

/** Whether an address of a socket is in the set. IPv4 within IPv6 counts as IPv4. */
export function isTrusted(set: BlockList, address: string | undefined): boolean {
  const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  const version = isIP(plain);
  return version !== 0 && set.check(plain, version === 6 ? 'ipv6' : 'ipv4');
}

const bitsOf = (version: number) => (version === 6 ? 128 : 32);

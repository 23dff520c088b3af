/**
 * Networks that are not the public internet. `internal` ones hold an organisation's own servers: a host that the operator names may lie there.
 * `barred` ones hold no server that anyone means to ask, or the cloud's own credentials: only naming the address or network itself opens them.
 */
export interface SpecialNetwork {
  /** CIDR. */
  readonly network: string;
  readonly use: 'internal' | 'barred';
  readonly name: string;
  /** Where it is defined. */
  readonly source: string;
}

const internal = (network: string, name: string, source: string): SpecialNetwork => ({
  network,
  use: 'internal',
  name,
  source,
});
const barred = (network: string, name: string, source: string): SpecialNetwork => ({
  network,
  use: 'barred',
  name,
  source,
});

/**
 * Everything in IANA's registries of special-purpose addresses that is not globally reachable, multicast, and the addresses at which clouds
 * hand out credentials. The first entry that holds an address decides, so single addresses stand before the networks around them.
 * IPv6 outside of {@link GLOBAL_UNICAST_V6} is barred without being listed.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
 * @see https://www.iana.org/assignments/multicast-addresses
 */
export const SPECIAL_NETWORKS: readonly SpecialNetwork[] = [
  barred('168.63.129.16/32', 'platform address of Azure', 'learn.microsoft.com: What is IP address 168.63.129.16?'),
  barred('100.100.100.200/32', 'metadata of Alibaba Cloud', 'alibabacloud.com: instance metadata'),
  barred('fd00:ec2::/32', 'metadata and name servers of AWS', 'docs.aws.amazon.com: instance metadata, IPv6'),
  barred('fd20:ce::254/128', 'metadata of Google Cloud', 'cloud.google.com: metadata server, IPv6'),

  internal('10.0.0.0/8', 'private use', 'RFC 1918'),
  internal('172.16.0.0/12', 'private use', 'RFC 1918'),
  internal('192.168.0.0/16', 'private use', 'RFC 1918'),
  internal('100.64.0.0/10', 'shared address space (carrier-grade NAT)', 'RFC 6598'),
  internal('127.0.0.0/8', 'loopback', 'RFC 1122'),
  barred('0.0.0.0/8', 'this network', 'RFC 791'),
  barred('169.254.0.0/16', 'link-local, and metadata of most clouds', 'RFC 3927'),
  barred('192.0.0.0/24', 'IETF protocol assignments', 'RFC 6890'),
  barred('192.0.2.0/24', 'documentation', 'RFC 5737'),
  barred('192.88.99.0/24', '6to4 relays, deprecated', 'RFC 7526'),
  barred('198.18.0.0/15', 'benchmarking', 'RFC 2544'),
  barred('198.51.100.0/24', 'documentation', 'RFC 5737'),
  barred('203.0.113.0/24', 'documentation', 'RFC 5737'),
  barred('224.0.0.0/4', 'multicast', 'RFC 5771'),
  barred('240.0.0.0/4', 'reserved, and broadcast', 'RFC 1112, RFC 8190'),

  internal('::1/128', 'loopback', 'RFC 4291'),
  internal('fc00::/7', 'unique local', 'RFC 4193'),
  barred('2001::/23', 'IETF protocol assignments, Teredo among them', 'RFC 2928'),
  barred('2001:db8::/32', 'documentation', 'RFC 3849'),
  barred('2002::/16', '6to4, which carries an IPv4 address', 'RFC 3056'),
  barred('3fff::/20', 'documentation', 'RFC 9637'),
];

/** The only IPv6 addresses that are given out to the public. @see RFC 4291 2.4, https://www.iana.org/assignments/ipv6-address-space */
export const GLOBAL_UNICAST_V6 = '2000::/3';

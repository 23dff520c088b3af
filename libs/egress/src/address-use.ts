import { canonicalAddress, type Network, networkOf } from './network.js';
import { GLOBAL_UNICAST_V6, SPECIAL_NETWORKS } from './special-networks.js';

/** What an address is for, as far as the guard cares. */
export type AddressUse = 'public' | 'internal' | 'barred';

const special = SPECIAL_NETWORKS.map(({ network, use }) => ({ use, network: networkOf(network) as Network }));
const globalUnicast = networkOf(GLOBAL_UNICAST_V6) as Network;

/** Tells what an address is for; what is no address, or has a zone, is barred. */
export function useOf(address: string): AddressUse {
  const plain = canonicalAddress(address);
  if (plain === undefined) return 'barred';
  const found = special.find(({ network }) => network.holds(plain));
  if (found) return found.use;
  return plain.includes(':') && !globalUnicast.holds(plain) ? 'barred' : 'public';
}

/** Which addresses are public. Method: each network of the registries by its ends and its neighbours, and every spelling that hides an address. */
import { useOf } from './address-use.js';
import { SPECIAL_NETWORKS } from './special-networks.js';

describe('an address', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['9.255.255.255', 'public'],
    ['11.0.0.0', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['223.255.255.255', 'public'],
    ['2606:4700::1111', 'public'],
    ['10.0.0.0', 'internal'],
    ['10.255.255.255', 'internal'],
    ['172.16.0.0', 'internal'],
    ['172.31.255.255', 'internal'],
    ['192.168.1.1', 'internal'],
    ['100.64.0.1', 'internal'],
    ['127.0.0.1', 'internal'],
    ['127.255.255.254', 'internal'],
    ['::1', 'internal'],
    ['fd12:3456::1', 'internal'],
    ['0.0.0.0', 'barred'],
    ['169.254.169.254', 'barred'],
    ['168.63.129.16', 'barred'],
    ['100.100.100.200', 'barred'],
    ['192.0.0.192', 'barred'],
    ['198.19.255.255', 'barred'],
    ['224.0.0.1', 'barred'],
    ['255.255.255.255', 'barred'],
    ['::', 'barred'],
    ['fe80::1', 'barred'],
    ['fec0::1', 'barred'],
    ['ff02::1', 'barred'],
    ['fd00:ec2::254', 'barred'],
    ['fd20:ce::254', 'barred'],
    ['2001:db8::1', 'barred'],
    ['2001::1', 'barred'],
    ['100::1', 'barred'],
    ['5f00::1', 'barred'],
    ['64:ff9b:1::1', 'barred'],
  ])('%s is %s', (address, use) => expect(useOf(address)).toBe(use));

  it.each([
    ['mapped', '::ffff:127.0.0.1', 'internal'],
    ['mapped, in hex', '::ffff:7f00:1', 'internal'],
    ['mapped, written out', '0:0:0:0:0:FFFF:A9FE:A9FE', 'barred'],
    ['mapped, and public', '::ffff:8.8.8.8', 'public'],
    ['translated', '64:ff9b::10.0.0.1', 'internal'],
    ['translated, high half zero', '64:ff9b::1', 'barred'],
    ['translated, and public', '64:ff9b::808:808', 'public'],
    ['in 6to4', '2002:7f00:1::', 'barred'],
    ['in Teredo', '2001:0:7f00:1::', 'barred'],
    ['compatible, as it once was', '::127.0.0.1', 'barred'],
  ])('of IPv4 %s is judged by where it leads', (_, address, use) => expect(useOf(address)).toBe(use));

  it.each(['', 'localhost', '127.1', '0x7f000001', 'fe80::1%eth0', '1.2.3.4/8'])('that is none is barred: %s', (text) =>
    expect(useOf(text)).toBe('barred'),
  );

  it('of every listed network has the use that is listed', () => {
    for (const { network, use } of SPECIAL_NETWORKS) expect(useOf(network.split('/')[0] ?? '')).toBe(use);
  });
});

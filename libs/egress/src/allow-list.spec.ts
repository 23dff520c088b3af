import { allowList } from './allow-list.js';
import { EgressAllowError } from './egress.errors.js';

describe("the operator's list", () => {
  it('names hosts, for all ports or one, in any case and script', () => {
    const list = allowList(['idp.corp', ' Keycloak.Corp.:8443 ', 'bücher.example']);
    expect(list.permitsHost('idp.corp', 80)).toBe(true);
    expect(list.permitsHost('keycloak.corp', 8443)).toBe(true);
    expect(list.permitsHost('keycloak.corp', 443)).toBe(false);
    expect(list.permitsHost('xn--bcher-kva.example', 443)).toBe(true);
  });

  it('means no host above, below or beside the one that it names', () => {
    const list = allowList(['idp.corp']);
    for (const host of ['corp', 'a.idp.corp', 'idp.corp.evil.example', 'evilidp.corp'])
      expect(list.permitsHost(host, 443)).toBe(false);
  });

  it('names addresses and networks, in any spelling', () => {
    const list = allowList(['127.0.0.1:8080', '10.1.0.0/16', '[::1]:8443', 'fd00::/8', '::ffff:192.168.0.1']);
    expect(list.permitsAddress('127.0.0.1', 8080)).toBe(true);
    expect(list.permitsAddress('127.0.0.1', 8081)).toBe(false);
    expect(list.permitsAddress('::ffff:10.1.255.255', 1)).toBe(true);
    expect(list.permitsAddress('10.2.0.0', 1)).toBe(false);
    expect(list.permitsAddress('0:0::1', 8443)).toBe(true);
    expect(list.permitsAddress('::1', 443)).toBe(false);
    expect(list.permitsAddress('fd12::1', 443)).toBe(true);
    expect(list.permitsAddress('192.168.0.1', 443)).toBe(true);
  });

  it.each([
    '',
    ' ',
    '*',
    '*.corp',
    'https://idp.corp',
    'idp.corp/path',
    'idp corp',
    'idp.corp:0',
    'idp.corp:65536',
    'idp.corp:',
  ])('refuses what it does not understand: "%s"', (entry) =>
    expect(() => allowList([entry])).toThrow(EgressAllowError),
  );

  it.each([
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '999.1.1.1',
    '[10.0.0.1',
    '127.1',
  ])('refuses a network or an address that is none: "%s"', (entry) =>
    expect(() => allowList([entry])).toThrow(/GATEBOOK_EGRESS_ALLOW/),
  );
});

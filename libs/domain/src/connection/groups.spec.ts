import { type ConnectionOverrides, connectionSettings } from '#libs/testing';
import { firstCommonName } from './distinguished-names.js';
import { groupsOf } from './groups.js';

const groups = (values: readonly string[], settings: ConnectionOverrides['groups']) => {
  const found = groupsOf(connectionSettings({ groups: settings ?? {} }).groups, new Map([['groups', values]]));
  return found.known ? [...found.values] : 'unknown';
};

describe('groups', () => {
  it('are cut out of one value', () =>
    expect(groups(['eng; leads;;ops'], { split: ';' })).toEqual(['eng', 'leads', 'ops']));

  it('lose what stands before every name', () =>
    expect(groups(['/eng', 'ops', '//x'], { strip: '/' })).toEqual(['eng', 'ops', '/x']));

  it('are the last part of a path', () =>
    expect(groups(['/acme/eng', '/acme/ops/', 'plain'], { form: 'path' })).toEqual(['eng', 'ops', 'plain']));

  it('are the first common name of a distinguished name', () =>
    expect(groups(['CN=Eng,OU=Groups,DC=acme', 'OU=Sales,DC=acme', 'plain'], { form: 'dn' })).toEqual([
      'Eng',
      'OU=Sales,DC=acme',
      'plain',
    ]));

  it('get their names last, after all that', () =>
    expect(groups(['/a/8f3c;/b/x'], { split: ';', form: 'path', names: { '8f3c': 'Engineering' } })).toEqual([
      'Engineering',
      'x',
    ]));

  it('are unknown when there are more than can be looked at: a part of them would take roles away', () => {
    const many = Array.from({ length: 5_000 }, (_, n) => `g${n}`).join(';');
    expect(groups([many], { split: ';' })).toHaveLength(5_000);
    expect(groups([`${many};one-more`], { split: ';' })).toBe('unknown');
    expect(groups([';'.repeat(8_000)], { split: ';' })).toBe('unknown');
  });
});

describe('the first common name of a distinguished name', () => {
  it.each([
    ['CN=Eng,OU=x', 'Eng'],
    ['ou=x, cn = Eng Leads ,dc=y', 'Eng Leads'],
    ['2.5.4.3=Eng', 'Eng'],
    ['OU=Sales+CN=J.  Smith,DC=example', 'J.  Smith'],
    ['CN=James \\"Jim\\" Smith\\, III,DC=example', 'James "Jim" Smith, III'],
    ['CN=Before\\0dAfter,DC=example', 'Before\rAfter'],
    ['CN=Lu\\C4\\8Di\\C4\\87', 'Lučić'],
    ['CN=\\ x\\ ,DC=y', ' x '],
    ['CN=a\\\\ ,DC=y', 'a\\'],
    ['CN=a\\+b\\=c', 'a+b=c'],
    ['CN=first,CN=second', 'first'],
    ['CNX=no,CN=Eng', 'Eng'],
  ])('of %s is %s', (dn, expected) => expect(firstCommonName(dn)).toBe(expected));

  it.each(['', 'plain', 'OU=x', 'CN=', 'CN=#04024869', 'CN=\\ff', '=x', 'CN'])('of %j is none', (dn) =>
    expect(firstCommonName(dn)).toBeNull(),
  );

  it('is found within the time of a test in texts that are long and full of what has to be looked at', () => {
    expect(firstCommonName(`OU=${'\\,'.repeat(500_000)}${' '.repeat(1_000_000)}`)).toBeNull();
    expect(firstCommonName(`CN=${' '.repeat(1_000_000)}x${' '.repeat(1_000_000)}y`)).toHaveLength(1_000_002);
  });
});

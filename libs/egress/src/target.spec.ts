/** What a request may be made to. Method: the decision alone, which opens no connection, with a resolver of the test. */
import { allowList } from './allow-list.js';
import type { EgressError } from './egress.errors.js';
import { locate, plainHttpPermitted, readUrl } from './target.js';

const PUBLIC = '8.8.8.8';
const METADATA = '169.254.169.254';

/** `permitted`, or the code of the refusal. */
async function judged(text: string, { allow = [] as string[], leadsTo = [PUBLIC] as string[] } = {}): Promise<string> {
  try {
    await locate(readUrl(text), allowList(allow), async () => leadsTo);
    return 'permitted';
  } catch (error) {
    return (error as EgressError).code;
  }
}

describe('a URL', () => {
  it.each([
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:text/plain,hello'],
    ['a script', 'javascript:alert(1)'],
    ['gopher', 'gopher://idp.example/'],
    ['a path alone', '/metadata'],
    ['nothing', ''],
    ['with a user', 'https://user@idp.example/'],
    ['with a password', 'https://:secret@idp.example/'],
    ['too long', `https://idp.example/${'a'.repeat(9_000)}`],
  ])('is refused: %s', async (_, url) => {
    expect(await judged(url)).toBe('egress-url-refused');
    expect(() => readUrl(url)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/secret|passwd/) }),
    );
  });

  it.each([
    'https://idp.example/',
    'https://idp.example:8443/',
    'https://idp.example:1024/',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
  ])('of a public server by https is permitted without a list: %s', async (url) =>
    expect(await judged(url)).toBe('permitted'),
  );

  it.each([
    'http://idp.example/',
    'http://idp.example:8080/',
    'http://8.8.8.8/',
    'https://idp.example:25/',
    'https://idp.example:80/',
    'https://idp.example:1023/',
  ])('is refused for its scheme or port unless the host is listed: %s', async (url) => {
    expect(await judged(url)).toBe('egress-url-refused');
    expect(await judged(url, { allow: ['other.example', '8.8.4.4'] })).toBe('egress-url-refused');
    expect(await judged(url, { allow: ['idp.example', PUBLIC] })).toBe('permitted');
  });

  it('of a host that is not found says so', async () => {
    expect(await judged('https://nowhere.example/', { leadsTo: [] })).toBe('egress-unresolvable');
    const failing = locate(readUrl('https://nowhere.example/'), allowList([]), () =>
      Promise.reject(new Error('ENOTFOUND')),
    );
    await expect(failing).rejects.toMatchObject({ code: 'egress-unresolvable' });
  });
});

describe('a name that the operator lists', () => {
  it('may lead inside, and only it', async () => {
    const inside = { leadsTo: ['10.0.0.5', 'fd12::5'] };
    expect(await judged('http://idp.corp/', { ...inside, allow: ['idp.corp'] })).toBe('permitted');
    expect(await judged('https://idp.corp/', inside)).toBe('egress-address-refused');
    expect(await judged('https://evil.example/', { ...inside, allow: ['idp.corp'] })).toBe('egress-address-refused');
    expect(await judged('https://idp.corp:9000/', { ...inside, allow: ['idp.corp:443'] })).toBe(
      'egress-address-refused',
    );
  });

  it("never leads to the cloud's credentials; only the address itself opens them", async () => {
    const url = 'http://idp.corp/';
    expect(await judged(url, { allow: ['idp.corp', '10.0.0.0/8'], leadsTo: [METADATA] })).toBe(
      'egress-address-refused',
    );
    expect(await judged(url, { allow: [METADATA], leadsTo: [METADATA] })).toBe('permitted');
  });

  it('that nobody listed is refused when only one of many addresses is inside', async () => {
    const leadsTo = ['8.8.8.8', '2606:4700::1111', '::ffff:a00:1'];
    expect(await judged('https://two-faced.example/', { leadsTo })).toBe('egress-address-refused');
    expect(await judged('https://two-faced.example/', { leadsTo: leadsTo.slice(0, 2) })).toBe('permitted');
  });

  it('is refused when one of its addresses is barred', async () => {
    expect(await judged('https://idp.corp/', { allow: ['idp.corp'], leadsTo: ['10.0.0.5', 'fe80::1'] })).toBe(
      'egress-address-refused',
    );
  });
});

it('a target keeps exactly the addresses that were checked', async () => {
  const leadsTo = ['8.8.8.8', '2606:4700::1111'];
  const { addresses } = await locate(readUrl('https://idp.example/'), allowList([]), async () => leadsTo);
  expect(addresses).toEqual(leadsTo);
});

describe('plain HTTP', () => {
  it('will do for the hosts that the list names, and for no others', () => {
    const mayUse = plainHttpPermitted(['keycloak.corp:8080', '127.0.0.1', '10.1.0.0/16']);
    const judged = (url: string) => mayUse(new URL(url));
    for (const named of ['http://keycloak.corp:8080/realms', 'http://127.0.0.1:4000/', 'http://10.1.2.3/'])
      expect([named, judged(named)]).toEqual([named, true]);
    for (const other of ['http://idp.example/', 'http://keycloak.corp/', 'http://127.0.0.2/', 'http://localhost/'])
      expect([other, judged(other)]).toEqual([other, false]);
    expect(plainHttpPermitted([])(new URL('http://127.0.0.1/'))).toBe(false);
  });
});

import { homeOf, ROUTES } from './routes.js';

describe('a path', () => {
  it.each([
    ['/', 'gate'],
    ['/me', 'gate'],
    ['/saml/okta/acs', 'gate'],
    ['/setup/abc', 'gate'],
    ['/api/v1/accounts', 'provisioning'],
    ['/api/v1/accounts/1/deactivate', 'provisioning'],
    ['/api/v1/access', 'audit'],
    ['/api/v1/access/1/why', 'audit'],
    ['/api/v1/events', 'audit'],
    ['/scim/v2/hr/Users', 'provisioning'],
  ])('%s is answered by %s', (path, home) => expect(homeOf(path)).toBe(home));

  it('goes by whole segments', () => {
    expect(homeOf('/api/v1/access-reviews')).toBe('governance');
    expect(homeOf('/merge')).toBe('gate');
    expect(homeOf('/api/v1/rolesque')).toBe('gate');
  });

  it('goes to the longest route that fits', () => {
    expect(homeOf('/api/v1/ledger/checkpoint')).toBe('audit');
    expect(homeOf('/api/v1/ledger/verification')).toBe('provisioning');
  });

  it('that nobody knows goes to the gate, which says so', () => expect(homeOf('/wp-login.php')).toBe('gate'));
});

describe('the table', () => {
  it('names each path once, without a trailing slash, and the root last', () => {
    const prefixes = ROUTES.map(({ prefix }) => prefix);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    expect(prefixes.filter((prefix) => prefix !== '/' && prefix.endsWith('/'))).toEqual([]);
    expect(prefixes.at(-1)).toBe('/');
  });

  it('has the more special of two routes first', () => {
    const misplaced = ROUTES.flatMap(({ prefix }, index) =>
      ROUTES.slice(0, index).filter((earlier) => prefix.startsWith(`${earlier.prefix}/`)),
    );
    expect(misplaced).toEqual([]);
  });
});

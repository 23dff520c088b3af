import { ada, connection, signIn } from '#libs/testing';
import { mayLink } from './linking.js';

const attributes = { userName: 'login', email: 'email' };
const may = (linking: 'none' | 'externalId' | 'verifiedEmail' | 'userName', login: string, email?: string): boolean => {
  const through = connection('okta', [], { attributes, linking, domains: ['acme.example'] });
  const claims = { login: [login], email: email === undefined ? [] : [email] };
  return mayLink(through.settings, signIn(ada, through, { claims }).data.identity, through.ownedDomains);
};

describe('a connection may link by its rule', () => {
  it.each([
    ['none', 'ada', 'ada@acme.example', false],
    ['verifiedEmail', 'ada@tenant.onmicrosoft.example', 'ada@acme.example', true],
    ['verifiedEmail', 'ada@acme.example', 'ada@elsewhere.example', false],
    ['userName', 'ada@acme.example', 'ada@elsewhere.example', true],
    ['userName', 'ada@elsewhere.example', 'ada@acme.example', false],
    ['userName', 'ada', 'ada@acme.example', true],
    ['userName', 'ada', undefined, false],
    ['externalId', 'ada@acme.example', undefined, true],
    ['externalId', 'ada@acme.example', 'ada@elsewhere.example', false],
  ] as const)('%s for %s with the e-mail %s: %s', (linking, login, email, expected) =>
    expect(may(linking, login, email)).toBe(expected),
  );
});

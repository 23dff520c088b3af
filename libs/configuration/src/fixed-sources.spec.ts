/** A configuration that points a connection at another source of identities than the one that it was made for. */
import { installation } from '#libs/testing';
import { recognitionWarnings } from './apply/recognition-warnings.js';
import { WHOLE_CONFIGURATION } from './configuration.fixture.js';
import { fixedSourceProblems } from './fixed-sources.js';
import { type Configuration, noReferences, readConfiguration } from './index.js';

const OIDC = `      - id: op
        protocol: oidc
        directory: staff
        oidc: { issuer: https://op.example, clientId: gatebook, tokenEndpointAuthMethod: none }
        attributes: { userName: sub }
`;

const read = (...replacements: readonly (readonly [string, string])[]): Configuration =>
  readConfiguration(
    replacements.reduce((text, [from, to]) => text.replace(from, to), WHOLE_CONFIGURATION + OIDC),
    noReferences,
  );

async function applied(configuration: Configuration) {
  const place = installation();
  await place.carryOut(await place.plan(configuration));
  return place;
}

describe('a configuration that changes within what subjects are unique', () => {
  it('is told of each such key by its place, and of no other', async () => {
    const catalog = await (await applied(read())).catalog();
    expect(fixedSourceProblems(read(['clientId: gatebook', 'clientId: other']), catalog)).toEqual([]);
    const moved = read(['issuer: https://op.example', 'issuer: https://evil.example, identifyBy: oid']);
    expect(fixedSourceProblems(moved, catalog).map(({ path }) => path)).toEqual([
      'tenants[0].connections[1].oidc.identifyBy',
      'tenants[0].connections[1].oidc.issuer',
    ]);
  });

  it('is none for a connection that is new', async () => {
    const catalog = await (await applied(read([OIDC, '']))).catalog();
    expect(fixedSourceProblems(read(), catalog)).toEqual([]);
  });
});

describe('a configuration that names another SAML provider', () => {
  const warnings = async (...change: readonly (readonly [string, string])[]) => {
    const place = await applied(read());
    return recognitionWarnings(await place.plan(read(...change)), await place.catalog());
  };
  const provider = `          idpEntityId: http://www.okta.com/exk...
          ssoUrl: https://acme.okta.com/app/.../sso/saml
`;

  it('is told that people may come into accounts that are not theirs', async () =>
    expect(await warnings(['http://www.okta.com/exk...', 'https://evil.example'])).toEqual([
      expect.stringContaining('the word of another identity provider (saml.idpEntityId)'),
    ]));

  it('is told so as well where metadata will say it', async () => {
    const certificates = / {10}certificates:[\s\S]*?-----END CERTIFICATE-----\n/.exec(WHOLE_CONFIGURATION)?.[0];
    const metadata = '          metadata: { url: https://evil.example/metadata }\n';
    expect(await warnings([provider, metadata], [certificates as string, ''])).toEqual([
      expect.stringContaining('saml.idpEntityId'),
    ]);
  });

  it('is told nothing where the same provider is asked elsewhere', async () =>
    expect(await warnings(['https://acme.okta.com/app/.../sso/saml', 'https://acme.okta.example/sso'])).toEqual([]));
});

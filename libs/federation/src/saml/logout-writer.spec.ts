/** Our messages of single logout, read as an identity provider reads them and verified with our certificate. */
import { readLogoutMessage } from '#libs/saml-idp';
import { createLogoutRequest, createLogoutResponse, SESSION_INDEXES_MAX } from './logout-writer.js';
import type { SamlMessage } from './outgoing-message.js';
import { openQuery } from './redirect-query.js';
import { pinnedCertificate } from './saml-keys.js';
import type { SamlSettings } from './saml-settings.js';
import { parseSigned, verifiedElement } from './signed-element.js';
import { IdentityProviderFixture } from './signed-response.fixture.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  idp = await IdentityProviderFixture.create();
});

const id = '_0123456789abcdef0123';
const request = {
  requestId: id,
  nameId: { value: 'ada', format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
  sessionIndexes: ['s-1', 's-2'],
  relayState: 'r-1',
  now: new Date('2026-03-01T08:00:00.000Z'),
};
const answer = {
  responseId: id,
  inResponseTo: '_theirs',
  outcome: 'success',
  relayState: null,
  now: request.now,
} as const;
const settings = (differing: Partial<SamlSettings> = {}) =>
  idp.settings({
    signingKey: idp.own,
    sloUrl: 'https://idp.example/slo?tenant=acme',
    sloResponseUrl: 'https://idp.example/slo/done',
    ...differing,
  });

/** As the identity provider would: signature first, then the content. */
async function received(message: SamlMessage) {
  const ours = [pinnedCertificate(idp.own.certificatePem)];
  if (message.binding === 'redirect') {
    const query = new URL(message.url).search.replace('?tenant=acme&', '');
    const { field } = openQuery(query, ours);
    const parameters = new URLSearchParams(query);
    return {
      field,
      ...readLogoutMessage(parameters.get(field) ?? '', 'redirect'),
      relayState: parameters.get('RelayState'),
    };
  }
  const { RelayState: relayState, ...fields } = message.fields;
  const [[field, value] = ['', '']] = Object.entries(fields);
  const xml = Buffer.from(value, 'base64').toString();
  verifiedElement(xml, await parseSigned(xml), ours);
  return { field, ...readLogoutMessage(value, 'post'), relayState };
}

describe.each(['redirect', 'post'] as const)('by %s', (sloBinding) => {
  it('a request names the person and the sessions, signed', async () => {
    const message = await createLogoutRequest(settings({ sloBinding }), request);
    expect(message.url.startsWith('https://idp.example/slo?tenant=acme')).toBe(true);
    expect(await received(message)).toEqual({
      field: 'SAMLRequest',
      kind: 'request',
      id,
      issuer: settings().spEntityId,
      destination: 'https://idp.example/slo?tenant=acme',
      nameId: 'ada',
      sessionIndexes: ['s-1', 's-2'],
      inResponseTo: null,
      statusCodes: [],
      relayState: 'r-1',
    });
  });

  it.each([
    ['success', ['Success']],
    ['partial', ['Success', 'PartialLogout']],
    ['failed', ['Responder']],
  ] as const)('an answer says %s, signed, to the address for answers', async (outcome, codes) => {
    const message = await createLogoutResponse(settings({ sloBinding }), { ...answer, outcome });
    expect(await received(message)).toMatchObject({
      field: 'SAMLResponse',
      kind: 'response',
      destination: 'https://idp.example/slo/done',
      inResponseTo: '_theirs',
      statusCodes: codes.map((code) => `urn:oasis:names:tc:SAML:2.0:status:${code}`),
    });
  });
});

it('an answer goes to the one address where there is no other', async () => {
  const { url } = await createLogoutResponse(settings({ sloResponseUrl: null, sloBinding: 'post' }), answer);
  expect(url).toBe('https://idp.example/slo?tenant=acme');
});

describe('no message is made', () => {
  it.each<[string, Partial<SamlSettings>]>([
    ['without an address', { sloUrl: null, sloResponseUrl: null }],
    ['without a key', { signingKey: null }],
  ])('%s', async (_, differing) => {
    const invalid = expect.objectContaining({ code: 'saml-settings-invalid' });
    await expect(createLogoutRequest(settings(differing), request)).rejects.toEqual(invalid);
    await expect(createLogoutResponse(settings(differing), answer)).rejects.toEqual(invalid);
  });

  it.each([
    ['with an id that can be guessed', { requestId: '_1' }],
    ['with a relay state over 80 bytes', { relayState: 'ä'.repeat(41) }],
    ['for more sessions than a message holds', { sessionIndexes: Array(SESSION_INDEXES_MAX + 1).fill('s') }],
    ['for a name that XML cannot carry', { nameId: { value: 'a\u0000', format: null } }],
  ])('%s', async (_, differing) => {
    await expect(createLogoutRequest(settings(), { ...request, ...differing })).rejects.toThrow(TypeError);
  });
});

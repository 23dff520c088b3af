/** What a SAML connection may ask for beyond the plain: requests by a form, signed; contexts; encrypted answers; our metadata. */
import { randomUUID } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import type { SamlConnection } from '#libs/contracts';
import {
  buildSamlResponse,
  createIdentityProviderKey,
  encodeSamlResponse,
  type IdentityProviderKey,
  readAuthnRequest,
  type SamlResponseSpec,
} from '#libs/saml-idp';
import { connectionSettings } from '#libs/testing';
import { BrowserLess, formAction, hiddenFields } from '../../../../test/support/browser-less.js';
import { type GateServer, startGate } from '../gate-server.fixture.js';

jest.setTimeout(60_000);

const IDP = 'https://idp.example/metadata';
const SSO = 'https://idp.example/sso';
const MFA = 'http://schemas.microsoft.com/claims/multipleauthn';

let gate: GateServer;
let key: IdentityProviderKey;
beforeAll(async () => {
  gate = await startGate();
  key = await createIdentityProviderKey({ commonName: 'idp.example', now: new Date() });
});
afterAll(() => gate?.close());

/** Makes a connection with these options, and a way to answer its requests. */
async function connected(id: string, options: Partial<SamlConnection>) {
  const saml = { idpEntityId: IDP, ssoUrl: SSO, certificates: [key.certificatePem], ...options };
  const attributes = { userName: 'email', email: 'email' };
  await gate.connect(id, connectionSettings({ saml, attributes, authenticationContexts: { mfa: [MFA] } }));
  const base = `${gate.url}/saml/${id}`;
  const answer = (requestId: string, over: Partial<SamlResponseSpec> = {}) =>
    encodeSamlResponse(
      buildSamlResponse({
        key,
        idpEntityId: IDP,
        acsUrl: `${base}/acs`,
        audience: `${base}/metadata`,
        requestId,
        responseId: `_${randomUUID()}`,
        assertionId: `_${randomUUID()}`,
        nameId: { value: `ada-at-${id}` },
        attributes: [{ name: 'email', values: [`ada.${id}@acme.example`] }],
        now: new Date(),
        sign: 'both',
        ...over,
      }),
    );
  return { acsUrl: `${base}/acs`, answer };
}

const xmlOf = (location: string) =>
  inflateRawSync(Buffer.from(new URL(location).searchParams.get('SAMLRequest') ?? '', 'base64')).toString();

describe('a request to sign in', () => {
  it('by a form goes to the provider and no further, by a script of its own or by the button; its answer is taken', async () => {
    const { acsUrl, answer } = await connected('by-post', { requestBinding: 'post' });
    const browser = new BrowserLess();
    const page = await browser.go(`${gate.url}/login/by-post`);
    const text = await page.text();
    const { SAMLRequest = '', RelayState = '' } = hiddenFields(text);
    expect([page.status, formAction(text)]).toEqual([200, SSO]);
    const policy = page.headers.get('content-security-policy') ?? '';
    const nonce = /<script nonce="([^"]+)">/.exec(text)?.[1];
    expect(policy).toContain(`script-src 'nonce-${nonce}'`);
    expect(policy).toMatch(/form-action 'self' https:\/\/idp\.example(;|$)/);
    expect(text).toContain('<button');

    const { id } = readAuthnRequest({ SAMLRequest }, 'post');
    const posted = await browser.submit(acsUrl, { SAMLResponse: answer(id), RelayState }, SSO);
    expect([posted.status, posted.headers.get('location')]).toEqual([303, '/me']);
  });

  it('is signed where the connection says so, with the key that our metadata shows', async () => {
    await connected('signed', { signRequests: true });
    const location = (await new BrowserLess().go(`${gate.url}/login/signed`)).headers.get('location') ?? '';
    expect(new URL(location).searchParams.get('SigAlg')).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
    const metadata = await (await fetch(`${gate.url}/saml/signed/metadata`)).text();
    expect(metadata).toContain('AuthnRequestsSigned="true"');
    expect(metadata).toMatch(/<md:KeyDescriptor use="signing">/);
  });

  it('asks for the context that an application needs, in this provider’s words, and otherwise for none', async () => {
    await connected('plain', {});
    const begun = async (query: string) =>
      (await new BrowserLess().go(`${gate.url}/login/plain${query}`)).headers.get('location') ?? '';
    expect(xmlOf(await begun('?acr=mfa'))).toContain(`<saml:AuthnContextClassRef>${MFA}</saml:AuthnContextClassRef>`);
    expect(xmlOf(await begun(''))).not.toContain('RequestedAuthnContext');
  });

  it('asks to sign in anew where the connection says so, or this request does', async () => {
    await connected('anew', { forceAuthn: true });
    await connected('any-proof', {});
    const isForced = async (path: string) => {
      const begun = await new BrowserLess().go(`${gate.url}/login/${path}`);
      return xmlOf(begun.headers.get('location') ?? '').includes('ForceAuthn="true"');
    };
    expect([await isForced('anew'), await isForced('any-proof?prompt=login'), await isForced('any-proof')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('an encrypted answer', () => {
  async function signInWith(encrypt: SamlResponseSpec['encrypt'], id: string) {
    const { acsUrl, answer } = await connected(id, { encryption: 'require' });
    const metadata = await (await fetch(`${gate.url}/saml/${id}/metadata`)).text();
    const certificate = /use="encryption">.*?<ds:X509Certificate>([^<]+)</s.exec(metadata)?.[1] ?? '';
    const browser = new BrowserLess();
    const location = new URL((await browser.go(`${gate.url}/login/${id}`)).headers.get('location') ?? '');
    const request = readAuthnRequest({ SAMLRequest: location.searchParams.get('SAMLRequest') ?? '' });
    const certificatePem = `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`;
    const over = encrypt ? { encrypt: { ...encrypt, certificatePem }, sign: 'assertion' as const } : {};
    const RelayState = location.searchParams.get('RelayState') ?? '';
    return browser.submit(acsUrl, { SAMLResponse: answer(request.id, over), RelayState }, SSO);
  }

  it('is read with the key whose certificate our metadata shows', async () => {
    const answer = await signInWith({ certificatePem: '' }, 'encrypted');
    expect([answer.status, /<code>([a-z-]+)/.exec(await answer.text())?.[1]]).toEqual([303, undefined]);
  });

  it('is required where the connection says so', async () => {
    const answer = await signInWith(undefined, 'must-encrypt');
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('unencrypted-assertion')]);
  });
});

describe('our metadata', () => {
  it('is there before anything is known of the identity provider, which nobody can sign in through yet', async () => {
    const metadata = { url: 'https://idp.example/metadata.xml', pinnedCertificate: null, refreshEvery: 'P1D' };
    await connected('unread', { idpEntityId: null, ssoUrl: null, certificates: [], metadata });
    const answer = await fetch(`${gate.url}/saml/unread/metadata`);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(`${gate.url}/saml/unread/acs`)]);
    const begun = await fetch(`${gate.url}/login/unread`, { redirect: 'manual' });
    expect([begun.status, await begun.text()]).toEqual([503, expect.stringContaining('metadata-not-read')]);
    expect(begun.headers.getSetCookie()).toEqual([]);
  });
});

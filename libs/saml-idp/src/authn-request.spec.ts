/** An AuthnRequest as a real service provider writes it is read back; hostile ones are refused with a reason. */
import { deflateRawSync } from 'node:zlib';
import { SAML as ServiceProvider } from '@node-saml/node-saml';
import { MAX_ENCODED_CHARACTERS, MAX_REQUEST_BYTES } from './authn-request.js';
import { AuthnRequestError, readAuthnRequest } from './index.js';

const encoded = (xml: string) => deflateRawSync(xml).toString('base64');

const request = (inside: string, attributes = 'ID="_1"') =>
  encoded(
    `<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ${attributes}>${inside}</p:AuthnRequest>`,
  );

describe('an AuthnRequest', () => {
  it('is read as node-saml writes it', async () => {
    const serviceProvider = new ServiceProvider({
      callbackUrl: 'http://localhost:3000/saml/demo/acs',
      issuer: 'http://localhost:3000/saml/demo/metadata',
      entryPoint: 'http://127.0.0.1:3000/demo-idp/sso',
      idpCert: 'MIIB',
      generateUniqueId: () => '_request-1',
    });
    const url = new URL(await serviceProvider.getAuthorizeUrlAsync('', undefined, {}));
    expect(readAuthnRequest({ SAMLRequest: url.searchParams.get('SAMLRequest') ?? '' })).toEqual({
      id: '_request-1',
      issuer: 'http://localhost:3000/saml/demo/metadata',
      acsUrl: 'http://localhost:3000/saml/demo/acs',
      destination: 'http://127.0.0.1:3000/demo-idp/sso',
    });
  });

  it('may leave out where to answer', () => {
    const read = readAuthnRequest({ SAMLRequest: request('<a:Issuer> sp </a:Issuer>') });
    expect(read).toEqual({ id: '_1', issuer: 'sp', acsUrl: undefined, destination: undefined });
  });

  it.each([
    ['empty', '', 'not base64'],
    ['not base64', '{"a":1}', 'not base64'],
    ['not DEFLATE', Buffer.from('<p:AuthnRequest/>').toString('base64'), 'not DEFLATE'],
    ['too long', 'A'.repeat(MAX_ENCODED_CHARACTERS + 1), 'longer than'],
    ['a bomb', encoded('<a>'.padEnd(MAX_REQUEST_BYTES + 1)), 'at most'],
    ['not XML', encoded('hello'), 'not well-formed'],
    [
      'unfinished',
      encoded('<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1">'),
      'not well-formed',
    ],
    ['another message', encoded('<LogoutRequest ID="_1"/>'), 'not an AuthnRequest'],
    ['a document with a DOCTYPE', encoded('<!DOCTYPE a [<!ENTITY b "c">]><a/>'), 'DOCTYPE'],
    ['using an unknown entity', request('<a:Issuer>&b;</a:Issuer>'), 'not well-formed'],
    ['without an ID', request('<a:Issuer>sp</a:Issuer>', ''), 'no ID'],
    ['without an Issuer', request('<a:Other><a:Issuer>sp</a:Issuer></a:Other>'), 'no Issuer'],
    ['with an endless Issuer', request(`<a:Issuer>${'s'.repeat(2_000)}</a:Issuer>`), 'a value in it is longer'],
  ])('is refused when it is %s', (_what, SAMLRequest, reason) => {
    expect(() => readAuthnRequest({ SAMLRequest })).toThrow(AuthnRequestError);
    expect(() => readAuthnRequest({ SAMLRequest })).toThrow(reason);
  });
});

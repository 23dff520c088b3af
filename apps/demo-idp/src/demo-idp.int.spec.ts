/** A sign-in at the demo over HTTP, as a browser without scripts would do it; and what the demo will not answer. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { DemoIdpModule, demoIdpSettings, samplePeople } from './index.js';

const baseUrl = 'http://127.0.0.1:3000/demo-idp';
const serviceProvider = {
  acsUrl: 'http://localhost:3000/saml/demo/acs',
  spEntityId: 'http://localhost:3000/saml/demo/metadata',
};

let dataDir: string;
let app: INestApplication;
let server: string;
let saml: SAML;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'demo-idp-'));
  const options = { baseUrl, dataDir, clock: { now: () => new Date() }, serviceProviders: [serviceProvider] };
  const module = await Test.createTestingModule({ imports: [DemoIdpModule.register(options)] }).compile();
  app = module.createNestApplication();
  await app.listen(0, '127.0.0.1');
  server = await app.getUrl();
  saml = serviceProviderFor((await demoIdpSettings(options)).certificatePem);
});
afterAll(async () => {
  await app.close();
  await rm(dataDir, { recursive: true });
});

function serviceProviderFor(
  idpCert: string,
  changes: { callbackUrl?: string; issuer?: string; entryPoint?: string } = {},
): SAML {
  return new SAML({
    callbackUrl: serviceProvider.acsUrl,
    issuer: serviceProvider.spEntityId,
    audience: serviceProvider.spEntityId,
    entryPoint: `${baseUrl}/sso`,
    idpCert,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.always,
    ...changes,
  });
}

/** The demo's answer to a service provider's redirect. */
async function ask(from: SAML, relayState = ''): Promise<Response> {
  const { search } = new URL(await from.getAuthorizeUrlAsync(relayState, undefined, {}));
  return fetch(`${server}/demo-idp/sso${search}`);
}

function choose(fields: Record<string, string>): Promise<Response> {
  return fetch(`${server}/demo-idp/sso`, { method: 'POST', body: new URLSearchParams(fields) });
}

/** The hidden fields of a page's first form. */
function hiddenFields(page: string): Record<string, string> {
  const form = page.slice(0, page.indexOf('</form>'));
  const found = form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g);
  return Object.fromEntries(Array.from(found, ([, name = '', value = '']) => [name, unescaped(value)]));
}

function unescaped(text: string): string {
  return text
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

describe('a sign-in that an application asks for', () => {
  it('shows the sample people, and hands over an answer that the application accepts', async () => {
    const picker = await (await ask(saml, '/me?a="b"')).text();
    for (const { firstName } of samplePeople) expect(picker).toContain(`Sign in as ${firstName}`);

    const handover = await choose({ ...hiddenFields(picker), person: 'zoe' });
    const page = await handover.text();
    expect(page).toContain(`<form id="handover" method="post" action="${serviceProvider.acsUrl}">`);
    expect(page).toContain('<button>Continue to localhost:3000</button>');

    const { SAMLResponse = '', RelayState } = hiddenFields(page);
    expect(RelayState).toBe('/me?a="b"');
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse });
    expect(profile).toMatchObject({ lastName: `Müller-O’Brien d'Ångström`, email: `zoe.o'brien@acme.example` });
  });

  it('shows the answer instead of sending it, when asked to', async () => {
    const picker = await (await ask(saml)).text();
    const page = await (await choose({ ...hiddenFields(picker), person: 'ada', preview: 'yes' })).text();
    expect(page).toContain('&lt;saml:Assertion');
    expect(page).not.toContain('<script');
  });
});

describe('a sign-in that starts at the demo', () => {
  it('names no request and signs the response', async () => {
    const about = await (await fetch(`${server}/demo-idp/`)).text();
    const picker = await (await fetch(`${server}/demo-idp/sso?${new URLSearchParams(hiddenFields(about))}`)).text();
    const page = await (await choose({ ...hiddenFields(picker), person: 'ada' })).text();
    const xml = Buffer.from(hiddenFields(page)['SAMLResponse'] ?? '', 'base64').toString();
    expect(xml).not.toContain('InResponseTo');
    expect(xml.indexOf('<ds:Signature')).toBeLessThan(xml.indexOf('<samlp:Status>'));
  });
});

describe('every page', () => {
  it('bears the warning, and runs or posts nothing that it does not name', async () => {
    const picker = await ask(saml);
    const handover = await choose({ ...hiddenFields(await picker.clone().text()), person: 'ada' });
    const pages = [picker, handover, await fetch(`${server}/demo-idp`), await fetch(`${server}/demo-idp/sso`)];
    for (const page of pages) {
      expect(await page.text()).toContain('development only; anyone can sign in as anyone');
      expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*base-uri 'none'/);
      expect(page.headers.get('cache-control')).toBe('no-store');
    }
    expect(handover.headers.get('content-security-policy')).toContain("form-action 'self' http://localhost:3000;");
  });

  it('escapes what it was given', async () => {
    const page = await (await ask(saml, '"><script>alert(1)</script>')).text();
    expect(page).not.toContain('<script>alert');
    expect(hiddenFields(page)['RelayState']).toBe('"><script>alert(1)</script>');
  });
});

describe('the metadata', () => {
  it('names the entity, the sign-on address and the certificate', async () => {
    const response = await fetch(`${server}/demo-idp/metadata`);
    const xml = await response.text();
    expect(response.headers.get('content-type')).toContain('application/samlmetadata+xml');
    expect(xml).toContain(`entityID="${baseUrl}/metadata"`);
    expect(xml).toContain(`Location="${baseUrl}/sso"`);
    expect(xml).toMatch(/<ds:X509Certificate>MII[A-Za-z0-9+/=]+<\/ds:X509Certificate>/);
  });
});

describe('the demo refuses', () => {
  const refusal = async (response: Response) => {
    expect(response.headers.get('content-type')).toContain('text/html');
    return [response.status, /<code>([^<]+)<\/code>/.exec(await response.text())?.[1]];
  };

  it('to answer at an address that was not registered', async () => {
    const thief = serviceProviderFor('MIIB', { callbackUrl: 'https://thief.example/acs' });
    expect(await refusal(await ask(thief))).toEqual([400, 'demo-idp-unknown-service-provider']);
  });

  it('to answer an application that was not registered', async () => {
    const stranger = serviceProviderFor('MIIB', { issuer: 'https://stranger.example' });
    expect(await refusal(await ask(stranger))).toEqual([400, 'demo-idp-unknown-service-provider']);
  });

  it('a request that is for another identity provider', async () => {
    const misled = serviceProviderFor('MIIB', { entryPoint: 'https://other.example/sso' });
    expect(await refusal(await ask(misled))).toEqual([400, 'demo-idp-unknown-service-provider']);
  });

  it.each([
    ['garbage instead of a request', { SAMLRequest: '???', person: 'ada' }, 'authn-request-unreadable'],
    ['nothing', {}, 'demo-idp-form-field'],
    ['an unknown person', { serviceProvider: serviceProvider.spEntityId, person: 'eve' }, 'demo-idp-form-field'],
    ['an unknown misbehaviour', { person: 'ada', misbehaviour: '__proto__' }, 'demo-idp-form-field'],
    ['a field without end', { person: 'ada', email: 'a'.repeat(300) }, 'demo-idp-form-field'],
  ])('%s', async (_what, fields, code) => {
    expect(await refusal(await choose(fields as Record<string, string>))).toEqual([400, code]);
  });

  it('a field that was given twice', async () => {
    const body = new URLSearchParams([
      ['person', 'ada'],
      ['person', 'grace'],
    ]);
    const response = await fetch(`${server}/demo-idp/sso`, { method: 'POST', body });
    expect(await refusal(response)).toEqual([400, 'demo-idp-form-field']);
  });

  it('to replay what was never sent', async () => {
    const fields = { serviceProvider: serviceProvider.spEntityId, person: 'emmy', misbehaviour: 'replay' };
    expect(await refusal(await choose(fields))).toEqual([409, 'demo-idp-nothing-to-replay']);
  });
});

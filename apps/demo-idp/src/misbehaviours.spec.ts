/**
 * Each misbehaviour is wrong in exactly the way it says. What node-saml notices, it must refuse; what it does not look at
 * is shown by the answer itself.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { encodeSamlResponse } from '#libs/saml-idp';
import { readChoice } from './choice.js';
import { demoIdpSettings } from './demo-idp.settings.js';
import { type Asked, IdentityProvider } from './identity-provider.js';
import { misbehaviours } from './misbehaviours.js';
import { samplePeople } from './people.js';

const serviceProvider = {
  acsUrl: 'http://localhost:3000/saml/demo/acs',
  spEntityId: 'http://localhost:3000/saml/demo/metadata',
};
const asked: Asked = { serviceProvider, requestId: '_request-1' };
const clock = { now: () => new Date() }; // node-saml reads the machine's clock

let dataDir: string;
let idp: IdentityProvider;
let saml: SAML;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'demo-idp-'));
  const options = { baseUrl: 'http://127.0.0.1:3000/demo-idp', dataDir, clock, serviceProviders: [serviceProvider] };
  idp = await IdentityProvider.open(options);
  saml = new SAML({
    callbackUrl: serviceProvider.acsUrl,
    issuer: serviceProvider.spEntityId,
    audience: serviceProvider.spEntityId,
    idpCert: (await demoIdpSettings(options)).certificatePem,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
    maxAssertionAgeMs: 300_000,
  });
});
afterAll(() => rm(dataDir, { recursive: true }));

const answer = (misbehaviour: string, fields = {}) =>
  idp.answer(asked, readChoice({ person: 'ada', misbehaviour, ...fields }));

async function profile(xml: string): Promise<Record<string, unknown>> {
  return (await saml.validatePostResponseAsync({ SAMLResponse: encodeSamlResponse(xml) })).profile ?? {};
}

describe('an answer', () => {
  it.each(samplePeople.map((person) => person.id))(
    'about %s is accepted by node-saml and says who it is',
    async (id) => {
      const person = samplePeople.find((candidate) => candidate.id === id);
      expect(await profile(await answer('none', { person: id }))).toMatchObject({
        email: person?.email,
        lastName: person?.lastName,
        title: person?.title,
      });
    },
  );

  it('names a person alike each time, except the one without a lasting name', async () => {
    const names = async (person: string) => [
      (await profile(await answer('none', { person })))['nameID'],
      (await profile(await answer('none', { person })))['nameID'],
    ];
    const [ada, adaAgain] = await names('ada');
    const [desk, deskAgain] = await names('reception');
    expect(ada).toBe(adaAgain);
    expect(desk).not.toBe(deskAgain);
  });

  it('carries other groups, another address and another name when asked to', async () => {
    const changes = { changeGroups: 'yes', groups: ['sales', 'finance'], email: ' a@b.example ', lastName: 'King' };
    expect(await profile(await answer('none', changes))).toMatchObject({
      groups: ['sales', 'finance'],
      email: 'a@b.example',
      lastName: 'King',
      displayName: 'Ada King',
    });
  });

  it('signs the response too when nobody asked for it', async () => {
    const xml = await idp.answer({ ...asked, requestId: undefined }, readChoice({ person: 'ada' }));
    expect(xml).not.toContain('InResponseTo');
    expect(xml.match(/<ds:SignatureValue>/g)).toHaveLength(2);
  });
});

const refusedByNodeSaml = ['unsigned', 'tampered', 'strangers-key', 'expired', 'not-yet-valid', 'wrong-audience'];

const visible: Readonly<Record<string, (xml: string) => boolean>> = {
  'no-groups': (xml) => !xml.includes('Name="groups"'),
  'empty-groups': (xml) => /<saml:Attribute Name="groups"[^>]*><\/saml:Attribute>/.test(xml),
  'no-email': (xml) => !xml.includes('Name="email"'),
  'transient-subject': (xml) => xml.includes('nameid-format:transient'),
  sha1: (xml) => xml.includes('xmldsig#rsa-sha1'),
  'wrong-recipient': (xml) => !xml.includes(`Recipient="${serviceProvider.acsUrl}"`),
  'wrong-destination': (xml) => !xml.includes(`Destination="${serviceProvider.acsUrl}"`),
  'wrong-issuer': (xml) => !xml.includes('http://127.0.0.1:3000/demo-idp/metadata</saml:Issuer>'),
  'other-request': (xml) => !xml.includes('_request-1'),
  unsolicited: (xml) => !xml.includes('InResponseTo'),
  'failed-status': (xml) => !xml.includes('status:Success'),
};

describe('a misbehaviour', () => {
  it.each(refusedByNodeSaml)('%s is refused by node-saml', async (id) => {
    await expect(profile(await answer(id))).rejects.toThrow();
  });

  it.each(Object.keys(visible))('%s shows in the answer, and in no correct one', async (id) => {
    expect(visible[id]?.(await answer(id))).toBe(true);
    expect(visible[id]?.(await answer('none'))).toBe(false);
  });

  it('replay sends the last answer about the person, byte for byte', async () => {
    const last = await answer('none');
    await answer('none', { person: 'grace' });
    expect(await answer('replay')).toBe(last);
    expect(await answer('replay')).toBe(last);
  });

  it('reused-id gives a new, valid answer the last assertion id', async () => {
    const last = await answer('none');
    const reused = await answer('reused-id');
    expect(assertionId(reused)).toBe(assertionId(last));
    expect(reused).not.toBe(last);
    await expect(profile(reused)).resolves.toBeDefined();
  });

  it.each(['replay', 'reused-id'])('%s is refused with advice when nothing was sent yet', async (id) => {
    const fresh = await IdentityProvider.open(idp.options);
    await expect(fresh.answer(asked, readChoice({ person: 'katherine', misbehaviour: id }))).rejects.toThrow(
      'Sign in once',
    );
  });

  it('never goes untested', () => {
    const tested = ['none', ...refusedByNodeSaml, ...Object.keys(visible), 'replay', 'reused-id'];
    expect(misbehaviours.map((misbehaviour) => misbehaviour.id).sort()).toEqual(tested.sort());
  });
});

function assertionId(xml: string): string | undefined {
  return /<saml:Assertion [^>]*?ID="([^"]+)"/.exec(xml)?.[1];
}

import { BrowserLess } from '../support/browser-less.js';
import type { StartedServer } from '../support/started-server.js';
import { asksForPassword, type Step, type Submission, samlMessage, walk } from './walk.js';
import {
  accountOnce,
  certificateOf,
  eventsOnce,
  importMetadata,
  isSignedIn,
  SAML_ATTRIBUTES,
  signIn,
  signOut,
  signOutAtKeycloak,
  startGatebook,
  untilItLeadsToKeycloak,
  type World,
} from './world.js';

/** Gatebook reads what the realm says of itself, and knows from the preset how Keycloak calls things. */
const byMetadata = ({ realm }: World) => `protocol: saml
preset: keycloak-saml
saml:
  metadataUrl: ${realm}/protocol/saml/descriptor
  signRequests: true
  encryption: require
`;

/** The same by hand, and every message of ours by a form. */
const byForms = async (world: World) => `protocol: saml
saml:
  idpEntityId: ${world.realm}
  ssoUrl: ${world.realm}/protocol/saml
  sloUrl: ${world.realm}/protocol/saml
  certificates: [${JSON.stringify(await certificateOf(world))}]
  requireSigned: both
  signRequests: true
  requestBinding: post
  sloBinding: post
  encryption: require
${SAML_ATTRIBUTES}
`;

/** SAML with everything that needs keys of ours: signed requests, which Keycloak insists on, encrypted assertions, single logout. */
export function samlKeysScenarios(world: () => World): void {
  describe('by SAML with signed requests and encrypted assertions', () => {
    let server: StartedServer;
    beforeAll(async () => {
      server = await startGatebook(world(), {
        'keycloak-metadata': byMetadata(world()),
        'keycloak-forms': await byForms(world()),
      });
    }, 60_000);
    afterAll(() => server?.stop());

    describe.each([
      { connection: 'keycloak-metadata', person: 'ida', roles: ['crm.admin', 'crm.reader'] },
      { connection: 'keycloak-forms', person: 'jonas', roles: ['crm.reader'] },
    ])('through $connection', ({ connection, person, roles }) => {
      beforeAll(async () => {
        await importMetadata(world(), connection);
        await untilItLeadsToKeycloak(world(), connection);
      }, 60_000);

      it('come in, and nobody on the way reads who they are', async () => {
        const arrived = await signIn(world(), connection, person);
        expect([arrived.status, arrived.url.pathname]).toEqual([200, '/me']);
        const answer = arrived.steps.find(({ fields }) => 'SAMLResponse' in fields);
        expect(samlMessage(answer?.fields ?? {})).toContain('EncryptedAssertion');
        expect(samlMessage(answer?.fields ?? {})).not.toContain(`${person}@acme.example`);
        expect(await accountOnce(server, person, (account) => account.roles.length === roles.length)).toMatchObject({
          userName: `${person}@acme.example`,
          roles,
        });
      });

      it('sign out of both when they sign out of Gatebook', async () => {
        const browser = new BrowserLess();
        await signIn(world(), connection, person, browser);
        const left = await signOut(world(), browser);
        expect([left.status, left.url.origin]).toEqual([200, world().gatebook]);
        expect(await isSignedIn(world(), browser)).toBe(false);
        expect(asksForPassword(await walk(browser, `${world().gatebook}/login/${connection}`))).toBe(true);
      });

      it('sign out of both when they sign out of Keycloak, which is written down', async () => {
        const [browser, elsewhere] = [new BrowserLess(), new BrowserLess()];
        await signIn(world(), connection, person, browser);
        await signIn(world(), connection, person, elsewhere);
        const left = await signOutAtKeycloak(world(), browser);
        expect([left.status, left.url.origin]).toEqual([200, world().keycloak.url]);
        expect(await isSignedIn(world(), browser)).toBe(false);
        expect(await isSignedIn(world(), elsewhere)).toBe(true);
        const { id: account } = await accountOnce(server, person, () => true);
        const ofThem = { data: { connection, kind: 'saml-logout', account } };
        const signals = await eventsOnce(server, 'SignalReceived', (events) => events.some(isLike(ofThem.data)));
        expect(signals).toContainEqual(expect.objectContaining({ data: expect.objectContaining(ofThem.data) }));
        await eventsOnce(server, 'SessionsEnded', (events) => events.some(isLike({ connection, account })));
      });

      it('come no further than Keycloak when the signature of the request was taken away (control: it does insist)', async () => {
        const signed = await walk(new BrowserLess(), `${world().gatebook}/login/${connection}`);
        const asked = signed.steps.find(({ url }) => url.origin === world().keycloak.url) as Step;
        const refused = await walk(new BrowserLess(), withoutSignature(asked, world().gatebook));
        expect([signed, refused].map(asksForPassword)).toEqual([true, false]);
        expect(refused.status).toBe(400);
      });
    });
  });
}

const isLike =
  (expected: Readonly<Record<string, unknown>>) =>
  ({ data }: { readonly data: Readonly<Record<string, unknown>> }) =>
    Object.entries(expected).every(([name, value]) => data[name] === value);

/** A request as it was sent, by either binding, but for its signature. */
function withoutSignature({ method, url, fields }: Step, from: string): string | Submission {
  if (method === 'POST') {
    const unsigned = samlMessage(fields).replace(/<(\w+:)?Signature\b.*?<\/\1?Signature>/s, '');
    return { url: url.href, from, fields: { ...fields, SAMLRequest: Buffer.from(unsigned).toString('base64') } };
  }
  const unsigned = new URL(url);
  for (const name of ['Signature', 'SigAlg']) unsigned.searchParams.delete(name);
  return unsigned.href;
}

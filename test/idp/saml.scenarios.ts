import { BrowserLess } from '../support/browser-less.js';
import { wholeLog } from '../support/installation.js';
import type { StartedServer } from '../support/started-server.js';
import { asksForPassword, type Submission, samlMessage, walk } from './walk.js';
import {
  accountOnce,
  certificateOf,
  changeMembership,
  isSignedIn,
  refusalCode,
  SAML_ATTRIBUTES,
  signIn,
  signOut,
  startGatebook,
  type World,
} from './world.js';

/** Everything typed in by hand, as from the pages of the realm. */
async function connectionByHand(world: World): Promise<string> {
  return `protocol: saml
saml:
  idpEntityId: ${world.realm}
  ssoUrl: ${world.realm}/protocol/saml
  certificates: [${JSON.stringify(await certificateOf(world))}]
  requireSigned: both
${SAML_ATTRIBUTES}
`;
}

/** Signing in by SAML, with the settings that need least of Keycloak. */
export function samlScenarios(world: () => World): void {
  describe('by SAML', () => {
    let server: StartedServer;
    beforeAll(async () => {
      server = await startGatebook(world(), { keycloak: await connectionByHand(world()) });
    }, 60_000);
    afterAll(() => server?.stop());

    it('come in for the first time, get an account, and hold what their groups give', async () => {
      const arrived = await signIn(world(), 'keycloak', 'ida');
      expect([arrived.status, arrived.url.href]).toEqual([200, `${world().gatebook}/me`]);
      expect(await accountOnce(server, 'ida', ({ roles }) => roles.length === 2)).toMatchObject({
        userName: 'ida@acme.example',
        displayName: 'Ida Lind',
        roles: ['crm.admin', 'crm.reader'],
      });
    });

    it('are written down with what Keycloak vouched for', async () => {
      await signIn(world(), 'keycloak', 'jonas');
      const { id } = await accountOnce(server, 'jonas', ({ roles }) => roles.length === 1);
      const evidence = (await wholeLog(server)).find(({ type, data }) => type === 'SignedIn' && data.account === id);
      expect(evidence?.data.proof).toMatchObject({
        issuer: world().realm,
        nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        initiatedBy: 'sp',
        certificateSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    });

    it('lose a role at the next sign-in after they left its group there, and get it back likewise', async () => {
      await changeMembership(world(), 'ida', 'crm-admins', 'DELETE');
      await signIn(world(), 'keycloak', 'ida');
      await accountOnce(server, 'ida', ({ roles }) => String(roles) === 'crm.reader');
      await changeMembership(world(), 'ida', 'crm-admins', 'PUT');
      await signIn(world(), 'keycloak', 'ida');
      await accountOnce(server, 'ida', ({ roles }) => String(roles) === 'crm.admin,crm.reader');
    });

    it('stay at Keycloak with a wrong password, and when they are disabled there', async () => {
      // that somebody reads the log is recorded too
      const recorded = async () => (await wholeLog(server)).filter(({ type }) => type !== 'AuditRead').length;
      const before = await recorded();
      const credentials = { username: 'mira', password: 'password of ida' };
      const wrong = await walk(new BrowserLess(), `${world().gatebook}/login/keycloak`, { credentials });
      const disabled = await signIn(world(), 'keycloak', 'noor');
      expect([asksForPassword(wrong), asksForPassword(disabled)]).toEqual([true, true]);
      expect(await recorded()).toBe(before);
    });

    it('are let in by the answer as Keycloak signed it, in their own browser, and once', async () => {
      const browser = new BrowserLess();
      const { held } = await signIn(world(), 'keycloak', 'mira', browser, { holding: 'SAMLResponse' });
      const { url, fields, from } = held as Submission;
      const forged = samlMessage(fields).replaceAll('mira@acme.example', 'ida@acme.example');
      const post = async (by: BrowserLess, SAMLResponse = fields['SAMLResponse'] as string) => {
        const answer = await by.submit(url, { ...fields, SAMLResponse }, from);
        return [answer.status, refusalCode(await answer.text())];
      };
      expect(await post(browser, Buffer.from(forged).toString('base64'))).toEqual([400, 'invalid-signature']);
      expect(await post(new BrowserLess())).toEqual([400, 'in-response-to-mismatch']);
      expect(await post(browser)).toEqual([303, '']);
      expect(await post(browser)).toEqual([400, 'in-response-to-mismatch']);
    });

    it('sign out of Gatebook only, where the connection names no address for more: Keycloak lets them in again unasked', async () => {
      const browser = new BrowserLess();
      await signIn(world(), 'keycloak', 'jonas', browser);
      await signOut(world(), browser);
      expect(await isSignedIn(world(), browser)).toBe(false);
      const again = await walk(browser, `${world().gatebook}/login/keycloak`);
      expect([asksForPassword(again), again.url.pathname]).toEqual([false, '/me']);
    });
  });
}

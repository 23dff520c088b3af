import { BrowserLess } from '../support/browser-less.js';
import type { StartedServer } from '../support/started-server.js';
import { asksForPassword, walk } from './walk.js';
import {
  accountOnce,
  changeMembership,
  credentialsOf,
  endSessionsAtKeycloak,
  eventsOnce,
  isSignedIn,
  refusalCode,
  renewKey,
  signIn,
  signOut,
  signOutAtKeycloak,
  startGatebook,
  type World,
} from './world.js';

const connectionTo = ({ realm }: World) => `protocol: oidc
oidc:
  issuer: ${realm}
  clientId: gatebook
  clientSecret: "env:GATEBOOK_SECRET_KEYCLOAK"
  scopes: [openid, profile, email]
attributes: { userName: preferred_username, email: email, givenName: given_name, familyName: family_name }
admission: { refuse: [{ when: { claim: realm_access.roles, equals: contractor } }] }
`;

/** Signing in and out by OpenID Connect. */
export function oidcScenarios(world: () => World): void {
  describe('by OpenID Connect', () => {
    const connection = 'keycloak-oidc';
    let server: StartedServer;
    beforeAll(async () => {
      server = await startGatebook(world(), { [connection]: connectionTo(world()) });
    }, 60_000);
    afterAll(() => server?.stop());

    it('come in for the first time, get an account, and hold what their groups give', async () => {
      const arrived = await signIn(world(), connection, 'ida');
      expect([arrived.status, arrived.url.href]).toEqual([200, `${world().gatebook}/me`]);
      expect(await accountOnce(server, 'ida', ({ roles }) => roles.length === 2)).toMatchObject({
        userName: 'ida',
        displayName: 'Ida Lind',
        roles: ['crm.admin', 'crm.reader'],
      });
    });

    it('are asked for with PKCE, state and nonce, and written down with what Keycloak vouched for', async () => {
      const { steps } = await signIn(world(), connection, 'jonas');
      const asked = steps.find(({ url }) => url.origin === world().keycloak.url)?.url.searchParams;
      expect(asked?.get('code_challenge_method')).toBe('S256');
      for (const name of ['code_challenge', 'state', 'nonce']) expect(asked?.get(name)?.length).toBeGreaterThan(20);
      const { id } = await accountOnce(server, 'jonas', ({ roles }) => roles.length === 1);
      const [evidence] = (await eventsOnce(server, 'SignedIn', (events) => events.some(of(id)))).filter(of(id));
      expect(evidence?.data).toMatchObject({ protocol: 'oidc', proof: { issuer: world().realm, initiatedBy: 'sp' } });
      expect(evidence?.data.proof.sessionIndex).toMatch(/.+/);
    });

    it('lose a role at the next sign-in after they left its group there, and get it back likewise', async () => {
      await changeMembership(world(), 'ida', 'crm-admins', 'DELETE');
      await signIn(world(), connection, 'ida');
      await accountOnce(server, 'ida', ({ roles }) => String(roles) === 'crm.reader');
      await changeMembership(world(), 'ida', 'crm-admins', 'PUT');
      await signIn(world(), connection, 'ida');
      await accountOnce(server, 'ida', ({ roles }) => String(roles) === 'crm.admin,crm.reader');
    });

    it('are turned away by a rule about what Keycloak says of them', async () => {
      const { status, page } = await signIn(world(), connection, 'mira');
      expect([status, refusalCode(page)]).toEqual([403, 'refused-by-rule']);
    });

    it('are let in by the code in their own browser, and once', async () => {
      const browser = new BrowserLess();
      const { steps } = await signIn(world(), connection, 'ida', browser);
      const callback = steps.find(({ url }) => url.searchParams.has('code'))?.url.href ?? '';
      for (const again of [browser, new BrowserLess()]) expect((await again.go(callback)).status).toBe(400);
      expect(await isSignedIn(world(), browser)).toBe(true);
    });

    it('sign out of both when they sign out of Gatebook', async () => {
      const browser = new BrowserLess();
      await signIn(world(), connection, 'ida', browser);
      const left = await signOut(world(), browser);
      expect([left.status, left.url.origin, left.url.pathname]).toEqual([200, world().gatebook, '/logout']);
      expect(await isSignedIn(world(), browser)).toBe(false);
      expect(asksForPassword(await walk(browser, `${world().gatebook}/login/${connection}`))).toBe(true);
    });

    it('sign out of both when they sign out of Keycloak, which says so behind their back', async () => {
      const [browser, elsewhere] = [new BrowserLess(), new BrowserLess()];
      await signIn(world(), connection, 'ida', browser);
      await signIn(world(), connection, 'ida', elsewhere);
      await signOutAtKeycloak(world(), browser);
      expect([await isSignedIn(world(), browser), await isSignedIn(world(), elsewhere)]).toEqual([false, true]);
    });

    it('are out everywhere when an administrator of Keycloak ends their sessions, and nobody else is', async () => {
      const [one, two, other] = [new BrowserLess(), new BrowserLess(), new BrowserLess()];
      await signIn(world(), connection, 'ida', one);
      await signIn(world(), connection, 'ida', two);
      await signIn(world(), connection, 'jonas', other);
      await endSessionsAtKeycloak(world(), 'ida');
      const signedIn = await Promise.all([one, two, other].map((browser) => isSignedIn(world(), browser)));
      expect(signedIn).toEqual([false, false, true]);
      const { id } = await accountOnce(server, 'ida', () => true);
      const ended = await eventsOnce(server, 'SessionsEnded', (events) => events.filter(of(id)).length >= 2);
      for (const { data } of ended) expect(data.sinceReceivedMs).toBeLessThan(5_000);
      const signals = await eventsOnce(server, 'SignalReceived', (events) => events.some(of(id)));
      expect(new Set(signals.map(({ data }) => data.kind))).toEqual(new Set(['backchannel-logout']));
    });

    it('come in after Keycloak has changed its key', async () => {
      await renewKey(world());
      const arrived = await walk(new BrowserLess(), `${world().gatebook}/login/${connection}`, {
        credentials: credentialsOf('ida'),
      });
      expect([arrived.status, arrived.url.pathname]).toEqual([200, '/me']);
    });
  });
}

const of =
  (account: string) =>
  ({ data }: { readonly data: { readonly account?: unknown } }) =>
    data.account === account;

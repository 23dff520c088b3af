import { randomUUID } from 'node:crypto';
import { createSigningKey } from '#libs/testing';
import { BrowserLess, textOf } from './support/browser-less.js';
import {
  leadsTo,
  pressSignOut,
  recorded,
  type SignOutInstallation,
  signedIn,
  signInAt,
  startSignOutInstallation,
} from './support/sign-out-installation.js';

const atProvider = (name: string, sid: string) => ({
  sub: `sub-of-${name}`,
  sid,
  email: `${name}@acme.example`,
  preferred_username: name,
  name,
});

// Goal: by OpenID Connect too, signing out ends exactly the sessions that are meant, on both sides, whoever begins it.
describe('signing out', () => {
  let installation: SignOutInstallation;
  let url: string;
  beforeAll(async () => {
    installation = await startSignOutInstallation();
    url = installation.server.url;
  }, 60_000);
  afterAll(() => installation?.stop());

  describe('here, by an OpenID connection', () => {
    it('ends the session first, then leads to the provider with a hint whose session it is', async () => {
      const browser = new BrowserLess();
      await signInAt(browser, installation, atProvider('mia', 'mia-1'));
      const left = await pressSignOut(browser, installation.server);
      const asked = new URL(leadsTo(await left.text()));
      expect(asked.origin + asked.pathname).toBe(`${installation.provider.origin}/end-session`);
      expect(asked.searchParams.get('post_logout_redirect_uri')).toBe(`${url}/logout`);
      const [, claims = ''] = asked.searchParams.get('id_token_hint')?.split('.') ?? [];
      expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
        sub: 'sub-of-mia',
        sid: 'mia-1',
      });
      expect(await signedIn(installation.server, browser)).toEqual([false]);

      const state = asked.searchParams.get('state');
      const back = await browser.go(`${url}/logout?state=${state}`);
      expect(textOf(await back.text())).toContain('Your identity provider has ended your session as well.');
      const again = await browser.go(`${url}/logout?state=${state}`);
      expect(textOf(await again.text())).not.toContain('as well');
    });
  });

  describe('at an OpenID provider, which says so behind the browser', () => {
    const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
    const seconds = () => Math.floor(Date.now() / 1000);
    const claimsOf = (over: Record<string, unknown>) => ({
      iss: installation.provider.issuer,
      aud: 'gatebook',
      iat: seconds(),
      exp: seconds() + 120,
      jti: randomUUID(),
      events: { [EVENT]: {} },
      ...over,
    });
    const token = (over: Record<string, unknown>, key = installation.provider.key) =>
      installation.provider.sign({ header: { typ: 'logout+jwt' }, claims: claimsOf(over) }, key);
    const tell = async (logoutToken: string, connection = 'corp-oidc') => {
      const answer = await fetch(`${url}/login/${connection}/backchannel-logout`, {
        method: 'POST',
        body: new URLSearchParams({ logout_token: logoutToken }),
      });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      return [answer.status, answer.status === 200 ? '' : (await answer.json()).error_description];
    };

    it('ends the session that is named, and writes down both', async () => {
      const [left, stays] = [new BrowserLess(), new BrowserLess()];
      await signInAt(left, installation, atProvider('ola', 'ola-1'));
      await signInAt(stays, installation, atProvider('ola', 'ola-2'));
      const jti = randomUUID();
      expect(await tell(await token({ sub: 'sub-of-ola', sid: 'ola-1', jti }))).toEqual([200, '']);
      expect(await signedIn(installation.server, left, stays)).toEqual([false, true]);
      const [signal] = await recorded(installation.server, 'SignalReceived', ({ data }) => data.signalId === jti);
      expect(signal?.data).toMatchObject({
        kind: 'backchannel-logout',
        connection: 'corp-oidc',
        sessionIndex: 'ola-1',
      });
      await recorded(
        installation.server,
        'SessionsEnded',
        ({ data }) => data.signal === signal?.id && data.sessions === 1,
      );
    });

    it('ends a session that is named alone, and all of a person who is', async () => {
      const [one, two, three] = [new BrowserLess(), new BrowserLess(), new BrowserLess()];
      await signInAt(one, installation, atProvider('pia', 'pia-1'));
      await signInAt(two, installation, atProvider('pia', 'pia-2'));
      await signInAt(three, installation, atProvider('rob', 'rob-1'));
      await tell(await token({ sid: 'pia-1' }));
      expect(await signedIn(installation.server, one, two, three)).toEqual([false, true, true]);
      await tell(await token({ sub: 'sub-of-pia' }));
      expect(await signedIn(installation.server, one, two, three)).toEqual([false, false, true]);
    });

    it('is of no use a second time, nor to anybody else', async () => {
      const stays = new BrowserLess();
      await signInAt(stays, installation, atProvider('sam', 'sam-1'));
      const used = await token({ sub: 'sub-of-nobody' });
      expect(await tell(used)).toEqual([200, '']);
      expect(await tell(used)).toEqual([400, 'assertion-replayed']);

      const named = { sub: 'sub-of-sam' };
      const stranger = await createSigningKey(installation.provider.key.kid);
      const none = `${Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString('base64url')}.${Buffer.from(JSON.stringify(claimsOf(named))).toString('base64url')}.`;
      expect(await tell(await token(named, stranger))).toEqual([400, 'invalid-signature']);
      expect(await tell(none)).toEqual([400, 'unsupported-algorithm']);
      expect(await tell(await token({ ...named, iss: 'https://evil.example' }))).toEqual([400, 'wrong-issuer']);
      expect(await tell(await token({ ...named, aud: 'other' }))).toEqual([400, 'wrong-audience']);
      expect(await tell(await token({ ...named, nonce: 'n' }))).toEqual([400, 'not-a-logout-token']);
      expect(await tell(await token(named), 'strict-oidc')).toEqual([
        400,
        expect.stringMatching(/invalid-signature|unknown-key|wrong-issuer/),
      ]);
      expect(await tell('', 'corp-oidc')).toEqual([400, 'malformed-token']);
      expect(await tell(await token(named), 'nowhere')).toEqual([400, 'unknown-connection']);
      expect(await signedIn(installation.server, stays)).toEqual([true]);
      // control
      expect(await tell(await token(named))).toEqual([200, '']);
      expect(await signedIn(installation.server, stays)).toEqual([false]);
    });
  });

  it('leaves nothing that names a person in the log', () => {
    const output = installation.server.output();
    for (const name of ['sub-of-', '@acme.example']) expect(output).not.toContain(name);
  });
});

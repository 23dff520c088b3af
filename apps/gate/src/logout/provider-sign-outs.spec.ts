/** Whatever goes wrong at a provider, the person is out here, and nobody is sent anywhere by half a message. */
import type { Catalog } from '#libs/catalog';
import type { OidcClient } from '#libs/federation';
import type { SourceSession } from '#libs/identity';
import { connectionSettings, sampleOidc } from '#libs/testing';
import type { BrowserSession, BrowserSessions } from '../session/browser-sessions.js';
import type { ProtocolSettings } from '../settings/protocol-settings.js';
import { ProviderSignOuts } from './provider-sign-outs.js';

const NOW = new Date('2026-03-01T08:00:00.000Z');
const SOURCE: SourceSession = { subject: { value: 'ada', format: null }, sessionIndex: 's-1', idToken: 'a.b.c' };
const left = { connection: 'okta', atSource: SOURCE };

/** Everything that it works with; a test says what goes wrong. */
function signOuts(
  over: {
    readonly status?: 'present' | 'removed';
    readonly settings?: () => Promise<unknown>;
    readonly endSessionUrl?: OidcClient['endSessionUrl'];
    readonly atSource?: () => Promise<SourceSession | null>;
  } = {},
) {
  const { status = 'present', settings = async () => ({}), atSource = async () => SOURCE } = over;
  const { endSessionUrl = async () => 'https://idp.example/end?state=x' } = over;
  const known = connectionSettings({ protocol: 'oidc', saml: null, oidc: sampleOidc });
  const view = { connection: () => ({ id: 'okta', tenant: 'acme', status, settings: known }) };
  return new ProviderSignOuts(
    { atSource } as unknown as BrowserSessions,
    { oidc: settings } as unknown as ProtocolSettings,
    { endSessionUrl } as unknown as OidcClient,
    { current: async () => view } as unknown as Catalog,
    { now: () => NOW },
    { publicUrl: 'https://gatebook.example' },
  );
}

describe('a provider that is to end a session', () => {
  it('is asked by an address with the hint, the way back and the state', async () => {
    const asked: unknown[] = [];
    const endSessionUrl: OidcClient['endSessionUrl'] = async (_settings, leave) => {
      asked.push(leave);
      return 'https://idp.example/end';
    };
    expect(await signOuts({ endSessionUrl }).ask(left, 'id-1')).toEqual({
      binding: 'redirect',
      url: 'https://idp.example/end',
    });
    const postLogoutRedirectUri = 'https://gatebook.example/logout';
    expect(asked).toEqual([{ idTokenHint: 'a.b.c', postLogoutRedirectUri, state: 'id-1', now: NOW }]);
  });

  it('is not asked when it has no such address, or is a connection no more', async () => {
    expect(await signOuts({ endSessionUrl: async () => null }).ask(left, 'id-1')).toBeNull();
    expect(await signOuts({ status: 'removed' }).ask(left, 'id-1')).toBeNull();
  });

  it('could not be asked when its address or our secret cannot be had', async () => {
    const unreachable = () => Promise.reject(new Error('unreachable'));
    expect(await signOuts({ endSessionUrl: unreachable }).ask(left, 'id-1')).toBe('failed');
    expect(await signOuts({ settings: unreachable }).ask(left, 'id-1')).toBe('failed');
  });

  it('is remembered, unless nobody can tell how it calls the session', async () => {
    const session = { connection: 'okta', token: 't' } as BrowserSession;
    expect(await signOuts().remember(session)).toEqual(left);
    expect(await signOuts({ atSource: async () => null }).remember(session)).toBeNull();
    expect(await signOuts({ atSource: () => Promise.reject(new Error('damaged')) }).remember(session)).toBeNull();
  });
});

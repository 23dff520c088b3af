import type { Account, Adapter, AdapterFactory, Configuration, JWK, KoaContextWithOIDC } from 'oidc-provider';
import type { ClientState } from '#libs/domain';
import type { Clock } from '#libs/kernel';

/** How long things live at most, in seconds. None of them outlives what its application was given. */
export const LIFETIME_SECONDS = {
  code: 60,
  accessToken: 3_600,
  idToken: 3_600,
  refreshToken: 14 * 86_400,
  grant: 14 * 86_400,
  interaction: 3_600,
  session: 14 * 86_400,
} as const;

/** What an application may know about a person now. */
export interface PersonClaims {
  readonly roles: readonly string[];
  readonly profile: {
    readonly name: string | null;
    readonly givenName: string | null;
    readonly familyName: string | null;
    readonly userName: string;
    readonly email: string | null;
    readonly emailVerified: boolean;
  };
  /** When the first of the roles, or the account, ends by itself: nothing that is issued now outlives it. */
  readonly until: Date | null;
}

/** What becomes of an authorization request that must not show a page (`prompt=none`). */
export type SilentAnswer = 'admitted' | 'needs-interaction';

/** A page of the provider: what it says, and a form to send where there is one. */
export type ProviderPage =
  | { readonly kind: 'error'; readonly code: string; readonly text: string; readonly status: number }
  /** Asks whether to sign out; `confirmed` when the client has shown whose session it means. */
  | {
      readonly kind: 'sign-out';
      readonly action: string;
      readonly fields: Readonly<Record<string, string>>;
      readonly confirmed: boolean;
      /** Where the form leads in the end; null for a page here. */
      readonly leadsTo: string | null;
    }
  | { readonly kind: 'signed-out' };

/** What the provider asks of the server around it. */
export interface ProviderPorts {
  /** A client by its id, of whichever tenant; what is disabled or removed is refused here. */
  client(id: string): Promise<ClientState | undefined>;
  /** What a client may know about a person now; null when the person may not use it, or no longer. @throws when that cannot be told */
  person(clientId: string, account: string): Promise<PersonClaims | null>;
  /** Whether clients may look into each other's tokens: those of one application and tenant. */
  mayInspect(askingId: string, ownerId: string): Promise<boolean>;
  /** Decides a request that must not show a page. */
  silent(context: KoaContextWithOIDC): Promise<SilentAnswer>;
  /** Shows a page. */
  show(context: KoaContextWithOIDC, page: ProviderPage): void;
  /** Something failed that is nobody's fault but ours. */
  failed(error: unknown): void;
}

/** Everything the configuration is made of. */
export interface ProviderParts extends ProviderPorts {
  readonly adapter: (model: string) => Adapter;
  readonly clock: Clock;
  readonly keys: readonly JWK[];
  readonly cookieKeys: readonly string[];
  readonly secureCookies: boolean;
  /** The guarded one, for notices of sign-out. */
  readonly fetch: typeof globalThis.fetch;
  /** Path below which pages of interactions lie. */
  readonly interactionPath: string;
}

type Limits = Pick<ProviderParts, 'clock'>;

/** The settings of the protocol engine: code flow with PKCE S256 for everybody, opaque tokens, exact redirect URIs, nothing else. */
export function providerConfiguration(parts: ProviderParts): Configuration {
  const { adapter, keys, cookieKeys, secureCookies, interactionPath } = parts;
  const cookie = { httpOnly: true, sameSite: 'lax', secure: secureCookies, signed: true } as const;
  return {
    adapter: adapter as AdapterFactory,
    jwks: { keys: [...keys] },
    cookies: {
      keys: [...cookieKeys],
      names: {
        session: 'gatebook-op-session',
        interaction: 'gatebook-op-interaction',
        resume: 'gatebook-op-resume',
      },
      long: { ...cookie, path: '/op' },
      short: cookie,
    },
    responseTypes: ['code'],
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    subjectTypes: ['public'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256'],
      requestObjectSigningAlgValues: ['RS256'],
      userinfoSigningAlgValues: ['RS256'],
      clientAuthSigningAlgValues: ['RS256'],
    },
    claims: {
      openid: ['sub', 'roles', 'acr', 'amr', 'auth_time'],
      profile: ['name', 'given_name', 'family_name', 'preferred_username'],
      email: ['email', 'email_verified'],
      iss: null,
      sid: null,
    },
    conformIdTokenClaims: false, // roles are wanted in the ID token
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
    features: featuresOf(parts),
    ttl: lifetimes(parts),
    interactions: { url: (_context, { uid }) => `${interactionPath}/${uid}` },
    findAccount: accountFinder(parts),
    clientBasedCORS: (_context, origin, client) =>
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    fetch: (url, { dispatcher: _theirs, ...options }: RequestInit & { dispatcher?: unknown } = {}) =>
      parts.fetch(url, options),
    renderError: (context, { error, error_description }) => {
      const text = error_description ?? 'The application sent a request that cannot be answered.';
      parts.show(context, { kind: 'error', code: error, text, status: context.status });
    },
  };
}

function featuresOf({ mayInspect, show }: ProviderParts): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    resourceIndicators: { enabled: false },
    clientCredentials: { enabled: false },
    userinfo: { enabled: true },
    backchannelLogout: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: async (_context, client, token) =>
        token.clientId !== undefined && (await mayInspect(client.clientId, token.clientId)),
    },
    revocation: {
      enabled: true,
      allowedPolicy: async (_context, client, token) => token.clientId === client.clientId,
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context) => {
        const { oidc } = context;
        const confirmed = oidc.entities.IdTokenHint?.payload['sub'] === oidc.session?.accountId;
        const action = oidc.urlFor('end_session_confirm');
        const secret = String((oidc.session?.state as { secret?: string } | undefined)?.secret);
        const leadsTo = (oidc.params?.['post_logout_redirect_uri'] as string | undefined) ?? null;
        show(context, { kind: 'sign-out', action, fields: { xsrf: secret, logout: 'yes' }, confirmed, leadsTo });
      },
      postLogoutSuccessSource: (context) => show(context, { kind: 'signed-out' }),
    },
  };
}

function lifetimes({ clock }: Limits): Configuration['ttl'] {
  const atMost = (seconds: number) => (context: KoaContextWithOIDC) => {
    const account = context.oidc?.entities.Account as ClaimedAccount | undefined;
    const left = account?.until ? Math.floor((account.until.getTime() - clock.now().getTime()) / 1000) : seconds;
    return Math.max(1, Math.min(seconds, left));
  };
  const { code, accessToken, idToken, refreshToken, grant, interaction, session } = LIFETIME_SECONDS;
  return {
    AuthorizationCode: code,
    AccessToken: atMost(accessToken),
    IdToken: atMost(idToken),
    RefreshToken: atMost(refreshToken),
    Grant: grant,
    Interaction: interaction,
    Session: session,
  };
}

/** An account with the end that nothing issued for it may outlive. */
export interface ClaimedAccount extends Account {
  readonly until: Date | null;
}

/** Finds an account as the client of the request may know it. */
export const accountFinder =
  (ports: Pick<ProviderPorts, 'person'>) =>
  (context: KoaContextWithOIDC, sub: string): Promise<ClaimedAccount | undefined> =>
    findAccount(ports, context, sub);

async function findAccount(
  { person }: Pick<ProviderPorts, 'person'>,
  { oidc }: KoaContextWithOIDC,
  sub: string,
): Promise<ClaimedAccount | undefined> {
  const clientId = oidc.client?.clientId;
  const known = clientId === undefined ? null : await person(clientId, sub);
  if (!known) return undefined;
  const { profile, roles, until } = known;
  const claims = {
    roles: [...roles],
    name: profile.name,
    given_name: profile.givenName,
    family_name: profile.familyName,
    preferred_username: profile.userName,
    email: profile.email,
    ...(profile.email === null ? {} : { email_verified: profile.emailVerified }),
  };
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
  return { accountId: sub, until, claims: async () => ({ sub, ...present }) };
}

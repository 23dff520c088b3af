import type { Account, KoaContextWithOIDC, default as ProtocolEngine } from 'oidc-provider';

/** RFC 7523 §2.1. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Longest assertion, in characters. */
const ASSERTION_LENGTH_MAX = 16_384;

/** What an assertion came to. */
export type BearerAnswer =
  | { readonly account: string; readonly grantId: string }
  /** Why it is refused, for the client's developer; no personal data. */
  | { readonly refused: string };

/** Signs a person in by an assertion that a client brings, and opens what the client is given. */
export type BringsAssertion = (
  context: KoaContextWithOIDC,
  brought: { readonly clientId: string; readonly assertion: string; readonly scope: string },
) => Promise<BearerAnswer>;

type FindAccount = (context: KoaContextWithOIDC, sub: string) => Promise<Account | undefined>;

interface TokenResponse {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string | undefined;
}

/** Teaches the engine to take assertions at its token endpoint (RFC 7523): an opaque access token comes of it, and nothing that could be renewed. */
export function takeAssertions(
  engine: ProtocolEngine,
  {
    errors,
    bearer,
    findAccount,
  }: { errors: typeof import('oidc-provider').errors; bearer: BringsAssertion; findAccount: FindAccount },
): void {
  engine.registerGrantType(
    JWT_BEARER,
    async (context) => {
      const { oidc } = context;
      const { assertion, scope } = oidc.params as { assertion?: unknown; scope?: unknown };
      if (typeof assertion !== 'string' || assertion === '' || assertion.length > ASSERTION_LENGTH_MAX)
        throw new errors.InvalidRequest(`assertion must be a JWT of at most ${ASSERTION_LENGTH_MAX} characters`);
      const asked = typeof scope === 'string' ? known(scope) : 'openid';
      const answer = await bearer(context, { clientId: oidc.client.clientId, assertion, scope: asked });
      if ('refused' in answer) throw new errors.InvalidGrant(answer.refused);
      const account = await findAccount(context, answer.account);
      if (!account) throw new errors.InvalidGrant('the person may not use this application');
      oidc.entity('Account', account);
      context.body = await tokenFor(engine, context, { ...answer, scope: asked });
    },
    ['assertion', 'scope'],
  );
}

/** Scopes that say what the token may read. */
const known = (scope: string): string =>
  ['openid', 'profile', 'email'].filter((name) => scope.split(' ').includes(name)).join(' ') || 'openid';

async function tokenFor(
  engine: ProtocolEngine,
  { oidc }: KoaContextWithOIDC,
  { account, grantId, scope }: { account: string; grantId: string; scope: string },
): Promise<TokenResponse> {
  const client = oidc.client as NonNullable<typeof oidc.client>;
  const token = new engine.AccessToken({ accountId: account, client, grantId, gty: 'jwt-bearer', scope } as never);
  const value = await token.save();
  return { access_token: value, token_type: 'Bearer', expires_in: token.expiration, scope };
}

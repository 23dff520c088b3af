import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  Adapter,
  ClientMetadata,
  KoaContextWithOIDC,
  interactionPolicy as Policies,
  default as ProtocolEngine,
} from 'oidc-provider';
import type { Database } from '#libs/database';
import type { ClientState } from '#libs/domain';
import type { Clock } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import { applicationGrants, type FoundGrant, idHash } from './application-grants.js';
import { type AuthorizationInteraction, authorizationInteraction } from './authorization-interaction.js';
import { type BringsAssertion, takeAssertions } from './bearer-grant.js';
import { clientMetadataOf, metadataToTell } from './client-metadata.js';
import {
  accountFinder,
  type ProviderParts,
  type ProviderPorts,
  providerConfiguration,
} from './provider-configuration.js';
import { storedItems } from './stored-items.js';

/** What a provider is made of. */
export interface OpenIdProviderOptions
  extends ProviderPorts,
    Pick<ProviderParts, 'keys' | 'cookieKeys' | 'fetch' | 'interactionPath'> {
  /** `GATEBOOK_PUBLIC_URL/op`. */
  readonly issuer: string;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** Whether a client may bring assertions about people (RFC 7523). */
  readonly mayBringAssertions: (client: ClientState) => boolean;
  readonly bearer: BringsAssertion;
  /** Whether a text is the secret of a client. */
  readonly isSecret: (clientId: string, offered: string) => Promise<boolean>;
  /** Whether what an application was given is still good; asked at every use of a code or token. */
  readonly stands: (grant: FoundGrant) => Promise<boolean>;
  /** Called after every answer that the provider gave, with what it did. */
  readonly answered: (context: KoaContextWithOIDC) => Promise<void>;
}

/** The OpenID provider: the protocol engine over PostgreSQL. */
export interface OpenIdProvider {
  readonly engine: ProtocolEngine;
  /** The authorization request that a browser has under way. @throws {NoRequestUnderWayError} */
  interaction(request: IncomingMessage, response: ServerResponse): Promise<AuthorizationInteraction>;
  /** Answers a request whose path begins behind the issuer's. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Tells a client that a session has ended (OpenID Connect Back-Channel Logout 1.0). @throws when it did not take the notice */
  tellSignOut(clientId: string, account: string, sid: string | null): Promise<void>;
}

/**
 * Makes the provider for one set of signing keys; make another one when they change, it keeps nothing in memory.
 * The engine is loaded with the first call: it costs start-up time that most processes need not spend.
 */
export async function openIdProvider(options: OpenIdProviderOptions): Promise<OpenIdProvider> {
  const { Provider, errors, interactionPolicy } = await import('oidc-provider');
  const { issuer, database, keyring, clock, stands, client } = options;
  const { endReused } = applicationGrants({ database, clock });
  const reused = () => new errors.InvalidGrant('it was used before');
  const adapter = (model: string): Adapter =>
    model === 'Client'
      ? clientsOnly(async (id) => clientMetadataOf(await client(id), options.mayBringAssertions))
      : storedItems(model, { database, keyring, clock, stands, endReused, reused });
  const secureCookies = issuer.startsWith('https:');
  const configuration = providerConfiguration({ ...options, adapter, secureCookies });
  const policy = decidedHere(interactionPolicy, options);
  const engine = new Provider(issuer, {
    ...configuration,
    interactions: { ...configuration.interactions, policy },
  }) as unknown as ProtocolEngine;
  engine.proxy = true; // `answer` writes the forwarded headers itself, from the public address
  engine.on('server_error', (_context: unknown, error: unknown) => options.failed(error));
  const notice = secretsAndNotices(engine, options);
  const takenBack = grantsTakenBack(engine);
  takeAssertions(engine, { errors, bearer: options.bearer, findAccount: accountFinder(options) });
  engine.use(async (context, next) => {
    context.set('Content-Security-Policy', ENGINE_PAGES);
    await next();
    await Promise.all(takenBack(context).map((grantId) => endReused(idHash(grantId))));
    if (context['oidc']) await options.answered(context as unknown as KoaContextWithOIDC);
  });
  const callback = engine.callback();
  return {
    engine,
    interaction: (request, response) => authorizationInteraction(engine, request, response),
    answer: async (request, response) => {
      presentAs(request, issuer);
      await callback(request, response);
    },
    tellSignOut: notice,
  };
}

type Policy = ReturnType<(typeof Policies)['base']>;

/**
 * Whoever comes with an authorization request goes to our interaction, where the browser's session decides: the engine's own session is
 * never a reason to let anybody in. Only `prompt=none` is decided on the spot.
 */
function decidedHere({ base, Check }: typeof Policies, { silent }: ProviderPorts): Policy {
  const policy = base();
  policy.get('login')?.checks.add(
    new Check('session_of_gatebook', 'the person has to sign in', 'login_required', async (context) => {
      const { oidc } = context as KoaContextWithOIDC;
      if (oidc.result?.login) return Check.NO_NEED_TO_PROMPT;
      if (!oidc.prompts.has('none') || !oidc.session?.accountId) return Check.REQUEST_PROMPT;
      return (await silent(context as KoaContextWithOIDC)) === 'needs-interaction';
    }),
  );
  return policy;
}

/** Replaces how the engine compares secrets, and takes from it the telling of clients, which here is retried and bounded. */
function secretsAndNotices(
  engine: ProtocolEngine,
  { isSecret, client, mayBringAssertions }: Pick<OpenIdProviderOptions, 'isSecret' | 'client' | 'mayBringAssertions'>,
): OpenIdProvider['tellSignOut'] {
  const { prototype } = engine.Client as unknown as { prototype: ClientMethods };
  const tell = prototype.backchannelLogout;
  prototype.backchannelLogout = async () => undefined;
  prototype.compareClientSecret = function compareClientSecret(offered) {
    return isSecret(this.clientId, offered);
  };
  return async (clientId, account, sid) => {
    const metadata = metadataToTell(await client(clientId), mayBringAssertions);
    if (metadata?.backchannel_logout_uri === undefined) return;
    // made for the notice and found by nobody: a client that is switched off can do nothing with it but hear
    await tell.call(new (engine.Client as unknown as ClientMaker)(metadata), account, sid);
  };
}

/**
 * Tells which grants the engine took back while it answered a request for tokens: it does so when a code or refresh token is presented a
 * second time.
 */
function grantsTakenBack(engine: ProtocolEngine): (context: object) => readonly string[] {
  const taken = new WeakMap<object, string[]>();
  engine.on('grant.revoked', (context: KoaContextWithOIDC, grantId: string) => {
    if (context.oidc.route === 'token') taken.set(context, [...(taken.get(context) ?? []), grantId]);
  });
  return (context) => taken.get(context) ?? [];
}

type ClientMaker = new (metadata: ClientMetadata) => ClientMethods;

interface ClientMethods {
  readonly clientId: string;
  readonly backchannelLogoutUri?: string;
  compareClientSecret(this: ClientMethods, offered: string): Promise<boolean>;
  backchannelLogout(this: ClientMethods, account: string, sid: string | null): Promise<unknown>;
}

/** Clients live in the catalogue: here they are looked up and never written. */
function clientsOnly(find: Adapter['find']): Adapter {
  const never = async () => {
    throw new TypeError('Clients are not written through the protocol.');
  };
  return {
    find,
    upsert: never,
    findByUserCode: never,
    findByUid: never,
    consume: never,
    destroy: never,
    revokeByGrantId: never,
  };
}

/** The engine's own pages hold one form that sends itself, to an address that was checked; it adds the hash of the script. */
const ENGINE_PAGES = "default-src 'none'; script-src 'self'; base-uri 'none'; form-action *; frame-ancestors 'none'";

/** Addresses in answers follow from the public address alone, whatever the request says of itself. */
function presentAs({ headers }: IncomingMessage, issuer: string): void {
  const { protocol, host } = new URL(issuer);
  headers['x-forwarded-proto'] = protocol.slice(0, -1);
  headers['x-forwarded-host'] = host;
}

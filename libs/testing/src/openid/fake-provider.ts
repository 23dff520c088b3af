import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FakeBehaviour, FakeClient, FakePerson } from './behaviour.js';
import { createSigningKey, type FakeSigningKey, signToken, type UnsignedToken } from './signing-key.js';

/** What a fake provider starts with. */
export interface FakeOpenIdProviderOptions {
  readonly client: FakeClient;
  readonly now: () => Date;
  /** What comes after the origin in the issuer, as `/{tenantid}/v2.0`. Default: nothing. */
  readonly issuerPath?: string;
  /** Signs with this key instead of a new one, which takes a while to make. */
  readonly key?: FakeSigningKey;
}

interface Granted {
  readonly parameters: URLSearchParams;
  readonly person: FakePerson;
}

const BODY_LENGTH_MAX = 64 * 1024;

/**
 * A fake OpenID provider on a free port of the loopback interface: small, without pages, for tests only. It signs in whoever
 * it is told to, checks what an honest provider checks (client, code once, redirect URI, PKCE), and misbehaves as it is told.
 */
export class FakeOpenIdProvider {
  /** Paths that were called, in order. */
  readonly calls: string[] = [];
  /** Bodies of token requests, in order. */
  readonly tokenRequests: URLSearchParams[] = [];
  behaviour: FakeBehaviour = {};
  person: FakePerson = { sub: 'ada' };
  /** Answer of `/emails`, where a list of addresses is asked for. */
  emails: unknown = [];
  readonly #codes = new Map<string, Granted>();
  readonly #people = new Map<string, FakePerson>();
  #key: FakeSigningKey;

  private constructor(
    private readonly server: Server,
    private readonly options: FakeOpenIdProviderOptions,
    key: FakeSigningKey,
  ) {
    this.#key = key;
  }

  static async start(options: FakeOpenIdProviderOptions): Promise<FakeOpenIdProvider> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const provider = new FakeOpenIdProvider(server, options, options.key ?? (await createSigningKey('key-1')));
    server.on('request', (request, response) => void provider.#serve(request, response));
    return provider;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get issuer(): string {
    return `${this.origin}${this.options.issuerPath ?? ''}`;
  }

  get key(): FakeSigningKey {
    return this.#key;
  }

  /** From now on signs with another key, and publishes only that. */
  async rotate(kid: string): Promise<void> {
    this.#key = await createSigningKey(kid);
  }

  /** How often a path was called. */
  callsOf(path: string): number {
    return this.calls.filter((called) => called === path).length;
  }

  /** Does what a browser would do at the authorization endpoint: answers the address to which it is sent back. */
  authorize(url: string): URL {
    const parameters = new URL(url).searchParams;
    const code = randomBytes(16).toString('hex');
    this.#codes.set(code, { parameters, person: this.person });
    const answer = new URLSearchParams({ code, state: parameters.get('state') ?? '' });
    this.behaviour.answer?.(answer);
    const back = new URL(parameters.get('redirect_uri') ?? 'http://nowhere.invalid');
    back.search = answer.toString();
    return back;
  }

  /** Signs any claims as this provider, with its key or another: logout tokens, assertions. */
  sign(
    { header = {}, claims }: { header?: UnsignedToken['header']; claims: UnsignedToken['claims'] },
    key = this.#key,
  ): Promise<string> {
    return signToken({ header: { kid: key.kid, ...header }, claims }, key);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', this.origin).pathname;
    this.calls.push(path);
    const status = this.behaviour.down?.[path];
    if (status) return send(response, status, {});
    if (path.endsWith('/.well-known/openid-configuration')) return send(response, 200, this.#metadata());
    if (path === '/jwks') return send(response, 200, this.#jwks());
    if (path === '/token') return this.#token(request, response);
    if (path === '/userinfo') return this.#userinfo(request, response);
    if (path === '/emails') return send(response, 200, this.emails);
    return send(response, 404, {});
  }

  #metadata(): unknown {
    const at = (path: string) => `${this.origin}${path}`;
    const honest = {
      issuer: this.issuer,
      authorization_endpoint: at('/authorize'),
      token_endpoint: at('/token'),
      userinfo_endpoint: at('/userinfo'),
      jwks_uri: at('/jwks'),
      end_session_endpoint: at('/end-session'),
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    };
    return this.behaviour.metadata?.(honest) ?? honest;
  }

  #jwks(): unknown {
    const honest = { keys: [this.#key.jwk] };
    return this.behaviour.jwks ? this.behaviour.jwks(honest) : honest;
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = new URLSearchParams(await textOf(request));
    this.tokenRequests.push(body);
    if (!this.#knows(request, body)) return send(response, 401, { error: 'invalid_client' });
    const granted = this.#codes.get(body.get('code') ?? '');
    this.#codes.delete(body.get('code') ?? '');
    if (!granted || !this.#matches(granted, body)) return send(response, 400, { error: 'invalid_grant' });
    const accessToken = randomBytes(16).toString('hex');
    this.#people.set(accessToken, granted.person);
    const idToken = granted.parameters.get('scope')?.split(' ').includes('openid')
      ? await this.#idToken(granted)
      : null;
    const honest = {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 60,
      ...(idToken ? { id_token: idToken } : {}),
    };
    return send(response, 200, this.behaviour.tokens?.(honest) ?? honest);
  }

  #knows(request: IncomingMessage, body: URLSearchParams): boolean {
    const { clientId, clientSecret } = this.options.client;
    const [scheme, credentials = ''] = request.headers.authorization?.split(' ') ?? [];
    const [id, secret] = Buffer.from(credentials, 'base64').toString('utf8').split(':').map(decodeURIComponent);
    if (scheme) return scheme === 'Basic' && id === clientId && secret === clientSecret;
    const proven = body.get('client_secret') === clientSecret || body.has('client_assertion');
    return body.get('client_id') === clientId && proven;
  }

  #matches({ parameters }: Granted, body: URLSearchParams): boolean {
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    const proven = this.behaviour.ignorePkce || challenge === parameters.get('code_challenge');
    const { redirectUri } = this.options.client;
    return proven && body.get('redirect_uri') === redirectUri && parameters.get('redirect_uri') === redirectUri;
  }

  async #idToken({ parameters, person }: Granted): Promise<string> {
    const seconds = Math.floor(this.options.now().getTime() / 1000);
    const claims = {
      iss: this.issuer,
      aud: this.options.client.clientId,
      iat: seconds,
      exp: seconds + 300,
      auth_time: seconds,
      nonce: parameters.get('nonce') ?? undefined,
      ...person,
    };
    const honest = { header: { kid: this.#key.kid }, claims };
    const said = this.behaviour.idToken?.(honest) ?? honest;
    const signed = await signToken(said, this.behaviour.signWith ?? this.#key);
    return this.behaviour.forge ? this.behaviour.forge(said, signed) : signed;
  }

  #userinfo(request: IncomingMessage, response: ServerResponse): void {
    const person = this.#people.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (person) send(response, 200, this.behaviour.userinfo?.({ ...person }) ?? person);
    else send(response, 401, { error: 'invalid_token' });
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_LENGTH_MAX) throw new Error('The body of a request to the fake provider is too long.');
  }
  return text;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

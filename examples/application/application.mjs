// A small web application that signs people in through Gatebook with an ordinary OpenID Connect library. What it knows of a person, and
// what they may do, it has from Gatebook alone. See README.md for how to run it.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as openid from 'openid-client';

const SETTINGS = {
  port: Number(process.env.PORT ?? 4000),
  issuer: new URL(process.env.ISSUER ?? 'http://localhost:3000/op'),
  clientId: process.env.CLIENT_ID ?? 'notes',
  clientSecret: process.env.CLIENT_SECRET ?? '',
};
const HOME = process.env.APPLICATION_URL ?? `http://localhost:${SETTINGS.port}`;
const COOKIE = 'notes-session';
/** Most people and sign-ins under way that this sample remembers; the oldest go first. */
const REMEMBERED_MAX = 1_000;

/** Who is signed in, and sign-ins under way, by the value of a cookie. A real application keeps them in a database. */
const sessions = new Map();

const provider = await discover();
const keys = createRemoteJWKSet(new URL(provider.serverMetadata().jwks_uri));

createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error.code ?? error.name, error.message);
    page(response, 500, '<h1>That did not work</h1><p><a href="/">Start again</a></p>');
  });
}).listen(SETTINGS.port, '127.0.0.1', () => console.log(`The application is at ${HOME}`));

async function answer(request, response) {
  const url = new URL(request.url, HOME);
  const route = `${request.method} ${url.pathname}`;
  if (route === 'GET /') return home(request, response);
  if (route === 'GET /sign-in') return signIn(request, response);
  if (route === 'GET /callback') return callback(request, response, url);
  if (route === 'GET /sign-out') return signOut(request, response);
  if (route === 'POST /backchannel-logout') return takeNotice(request, response);
  page(response, 404, '<h1>There is nothing here</h1>');
}

/** Asks Gatebook anew at every visit: whoever lost access there is out here with the next click. */
async function home(request, response) {
  const session = sessionOf(request);
  if (!session?.tokens) return page(response, 200, '<h1>Notes</h1><p><a href="/sign-in">Sign in</a></p>');
  try {
    const person = await openid.fetchUserInfo(provider, session.tokens.access_token, session.claims.sub);
    const roles = (person.roles ?? []).map((role) => `<li>${escaped(role)}</li>`).join('');
    page(
      response,
      200,
      `<h1>Notes of ${escaped(person.name ?? person.sub)}</h1><p>Here you are:</p><ul>${roles}</ul><p><a href="/sign-out">Sign out</a></p>`,
    );
  } catch {
    forget(request);
    page(response, 401, '<h1>Your access has ended</h1><p><a href="/sign-in">Sign in again</a></p>');
  }
}

/** First hop: to Gatebook, which leads on to the company's identity provider. State, nonce and PKCE verifier stay with this browser. */
async function signIn(request, response) {
  const [state, nonce, verifier] = [openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()];
  const cookie = remember(request, { state, nonce, verifier });
  const address = openid.buildAuthorizationUrl(provider, {
    redirect_uri: `${HOME}/callback`,
    scope: 'openid profile email',
    state,
    nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  redirect(response, address.href, { 'set-cookie': cookie });
}

/** Back again: the code becomes tokens, whose every claim the library checks. */
async function callback(request, response, url) {
  const underWay = sessionOf(request);
  if (!underWay?.verifier) return redirect(response, '/');
  const { state, nonce, verifier } = underWay;
  if (url.searchParams.get('error') === 'access_denied') {
    forget(request);
    return page(response, 403, '<h1>You have no access to Notes</h1><p>Ask your administrator for a role.</p>');
  }
  const tokens = await openid.authorizationCodeGrant(provider, url, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  forget(request); // a session from before the sign-in must not become one of after it
  redirect(response, '/', { 'set-cookie': remember(null, { tokens, claims: tokens.claims() }) });
}

/** Signs out here, then of Gatebook and of everything behind it. */
function signOut(request, response) {
  const session = sessionOf(request);
  forget(request);
  if (!session?.tokens) return redirect(response, '/');
  const address = openid.buildEndSessionUrl(provider, {
    id_token_hint: session.tokens.id_token,
    post_logout_redirect_uri: `${HOME}/`,
  });
  redirect(response, address.href);
}

/** Gatebook says that a session has ended (OpenID Connect Back-Channel Logout 1.0, section 2.6). */
async function takeNotice(request, response) {
  const form = new URLSearchParams(await bodyOf(request));
  try {
    const { payload } = await jwtVerify(form.get('logout_token') ?? '', keys, {
      issuer: SETTINGS.issuer.href,
      audience: SETTINGS.clientId,
      maxTokenAge: '2m',
    });
    const isLogout = payload.events?.['http://schemas.openid.net/event/backchannel-logout'] !== undefined;
    if (!isLogout || payload.nonce !== undefined) throw new Error('not a logout token');
    for (const [key, { claims }] of sessions) if (claims?.sid === payload.sid) sessions.delete(key);
    response.writeHead(200, { 'cache-control': 'no-store' }).end();
  } catch {
    response.writeHead(400, { 'cache-control': 'no-store' }).end();
  }
}

async function discover() {
  const { issuer, clientId, clientSecret } = SETTINGS;
  const loopback = issuer.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(issuer.hostname);
  const options = loopback ? { execute: [openid.allowInsecureRequests] } : {};
  const proof = openid.ClientSecretBasic(clientSecret);
  return openid.discovery(issuer, clientId, undefined, proof, options);
}

function sessionOf(request) {
  return sessions.get(keyOf(request));
}

function keyOf(request) {
  return new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(request?.headers.cookie ?? '')?.[1];
}

function forget(request) {
  sessions.delete(keyOf(request));
}

/** Remembers something for a browser; answers the cookie that names it. */
function remember(request, session) {
  forget(request);
  const key = randomBytes(32).toString('base64url');
  sessions.set(key, session);
  if (sessions.size > REMEMBERED_MAX) sessions.delete(sessions.keys().next().value);
  const secure = HOME.startsWith('https:') ? '; Secure' : '';
  return `${COOKIE}=${key}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}

async function bodyOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > 65_536) throw new Error('The body is too large.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function redirect(response, address, headers = {}) {
  response.writeHead(303, { location: address, ...headers }).end();
}

function page(response, status, body) {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'" };
  response.writeHead(status, headers).end(`<!doctype html><html lang="en"><title>Notes</title>${body}</html>`);
}

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

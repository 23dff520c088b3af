import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type Application, CALLBACK, call, crm, startWithApplications } from './support/applications.js';
import { api, eventually, type Installation } from './support/installation.js';

const ISSUER = 'https://hub.acme.example';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const careful: Application = { clientId: 'careful', secret: 'the-secret-of-careful-for-tests', redirectUri: CALLBACK };
const robot: Application = { clientId: 'robot', secret: 'the-secret-of-robot-for-tests', redirectUri: CALLBACK };

// Goal: a program acts for a person about whom a trusted issuer vouches (RFC 7523), and for nobody else.
describe('an assertion at the token endpoint', () => {
  let installation: Installation;
  let issuer: Server;
  let key: CryptoKey;
  let claims: number;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256');
    key = pair.privateKey;
    claims = 0;
    const jwks = JSON.stringify({
      keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }],
    });
    issuer = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(jwks);
    });
    await new Promise<void>((done) => issuer.listen(0, '127.0.0.1', done));
    const { port } = issuer.address() as { port: number };
    installation = await startWithApplications(
      null,
      [
        `{ clientId: robot, clientSecret: ${robot.secret}, redirectUris: ["${CALLBACK}"], rolesOf: crm, connections: [hub] }`,
        `{ clientId: careful, clientSecret: ${careful.secret}, redirectUris: ["${CALLBACK}"], rolesOf: crm, connections: [hub], requireAuthenticationContext: [mfa] }`,
      ],
      [
        `{ id: hub, protocol: jwt, directory: staff, domains: [acme.example], trustEmail: true, jit: { create: true }, authenticationContexts: { mfa: ['urn:acme:strong'] }, jwt: { issuer: "${ISSUER}", jwksUri: "http://127.0.0.1:${port}/jwks", audiences: [gatebook] }, attributes: { userName: email, email: email }, rules: [{ id: all, when: always, grant: [crm.reader] }] }`,
      ],
    );
  }, 60_000);
  afterAll(async () => {
    await installation?.server.stop();
    await new Promise((done) => issuer?.close(done));
  });

  const assertion = (over: Record<string, unknown> = {}) => {
    claims += 1;
    const now = Math.floor(Date.now() / 1000);
    const said = {
      iss: ISSUER,
      aud: 'gatebook',
      sub: 'r2',
      email: 'r2@acme.example',
      jti: `a-${claims}`,
      iat: now,
      exp: now + 60,
    };
    return new SignJWT({ ...said, ...over }).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(key);
  };
  const bring = (text: string, application = robot) =>
    call(`${installation.server.url}/op/token`, application, { grant_type: GRANT, assertion: text });

  it('makes the person’s account and gives a token that says what they may do, and cannot be renewed', async () => {
    const { status, body } = await bring(await assertion());
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ token_type: 'Bearer', access_token: expect.any(String) }),
    ]);
    expect(body).not.toHaveProperty('refresh_token');
    const answer = await fetch(`${installation.server.url}/op/me`, {
      headers: { authorization: `Bearer ${body['access_token']}` },
    });
    expect(await answer.json()).toMatchObject({ sub: expect.stringMatching(/^[0-9a-f-]{36}$/), roles: ['crm.reader'] });
  });

  it('is taken once', async () => {
    const text = await assertion();
    expect((await bring(text)).status).toBe(200);
    expect((await bring(text)).body).toMatchObject({ error: 'invalid_grant' });
  });

  it.each([
    ['for somebody else’s ears', { aud: 'another' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['past its end', { exp: Math.floor(Date.now() / 1000) - 600 }],
  ])('%s is refused', async (_what, over) =>
    expect((await bring(await assertion(over))).body).toMatchObject({ error: 'invalid_grant' }),
  );

  it.each([
    ['nothing', {}, 400],
    ['a password', { amr: ['pwd'], acr: 'weak' }, 400],
    ['the method', { amr: ['pwd', 'mfa'] }, 200],
    ['what the connection calls so', { acr: 'urn:acme:strong' }, 200],
  ])(
    'has to say that the person proved themselves as the application requires: by %s',
    async (_what, said, expected) => {
      const { status, body } = await bring(await assertion(said), careful);
      expect([status, body['error']]).toEqual([expected, expected === 200 ? undefined : 'invalid_grant']);
      expect((await bring(await assertion(said))).status).toBe(200); // for an application that requires nothing
    },
  );

  it('that an application turns away is on record with the reason', async () => {
    await bring(await assertion(), careful);
    const { body } = await eventually(
      () => api(installation.server, '/api/v1/events?type=ApplicationSignInRefused&limit=50'),
      ({ body }) => body.items?.length > 0,
    );
    expect(body.items[0].data).toMatchObject({ client: 'careful', code: 'stronger-authentication-required' });
  });

  it('is for clients that name the connection', async () =>
    expect((await bring(await assertion(), crm)).status).toBe(400));
});

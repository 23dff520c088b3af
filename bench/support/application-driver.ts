import { createHash, randomBytes } from 'node:crypto';
import { type IdentityProviderKey, readAuthnRequest } from '#libs/saml-idp';
import { CONNECTION } from './configuration.js';
import { type Answer, HttpClient } from './http-client.js';
import { answerFor } from './identity-provider.js';
import { visibleAccess } from './visible-access.js';

/** The application that people sign in to; nothing has to listen at its address. */
const APPLICATION = {
  clientId: 'crm',
  clientSecret: 'a-secret-of-the-application-for-benchmarks-only',
  redirectUri: 'https://crm.acme.example/callback',
} as const;

/** The application as it stands in a configuration. */
export const APPLICATION_LINE = `{ clientId: ${APPLICATION.clientId}, clientSecret: ${APPLICATION.clientSecret}, redirectUris: ["${APPLICATION.redirectUri}"], rolesOf: crm, connections: [${CONNECTION}] }`;

/** Most steps that a browser takes for one sign-in. */
const STEPS_MAX = 12;
const PAGES_OF_IDP = 'https://idp.example/';

/** The cookies of one browser; all are of Gatebook's host. */
export type Browser = Map<string, string>;

/** People in browsers, the application that they sign in to through Gatebook, and the identity provider behind it. */
export class ApplicationDriver {
  readonly #http = new HttpClient();

  constructor(
    readonly url: string,
    private readonly key: IdentityProviderKey,
  ) {}

  /**
   * Signs a person in to the application, from the authorization request until the application has its tokens. In a new browser that takes
   * two hops, application to Gatebook and Gatebook to identity provider; in one that is signed in to Gatebook only the first.
   */
  async signIn(person: string, browser: Browser = new Map()): Promise<{ readonly ms: number; readonly hops: 1 | 2 }> {
    const begun = performance.now();
    const verifier = randomBytes(32).toString('base64url');
    let answer = await this.#go(browser, this.#authorizationUrl(verifier));
    let hops: 1 | 2 = 1;
    for (let step = 0; step < STEPS_MAX; step += 1) {
      const next = new URL(answer.headers.location ?? demandRedirect(answer), this.url).href;
      if (next.startsWith(APPLICATION.redirectUri)) {
        await this.#redeem(new URL(next), verifier);
        return { ms: performance.now() - begun, hops };
      }
      if (next.startsWith(PAGES_OF_IDP)) hops = 2;
      answer = next.startsWith(PAGES_OF_IDP)
        ? await this.#answerAt(browser, new URL(next), person)
        : await this.#go(browser, next);
    }
    throw new Error('The browser was led in a circle.');
  }

  /** See {@link visibleAccess}. */
  visible(person: string): Promise<number> {
    return visibleAccess(this.#http, this.url, person);
  }

  close(): void {
    this.#http.close();
  }

  #authorizationUrl(verifier: string): string {
    const parameters = new URLSearchParams({
      client_id: APPLICATION.clientId,
      redirect_uri: APPLICATION.redirectUri,
      response_type: 'code',
      scope: 'openid profile email',
      state: randomBytes(16).toString('base64url'),
      nonce: randomBytes(16).toString('base64url'),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    return `${this.url}/op/auth?${parameters}`;
  }

  async #go(browser: Browser, url: string, form?: URLSearchParams): Promise<Answer> {
    const cookie = [...browser].map(([name, value]) => `${name}=${value}`).join('; ');
    const origin: Record<string, string> = form ? { origin: new URL(PAGES_OF_IDP).origin } : {};
    const answer = await this.#http.send(url, { cookie, ...origin }, form);
    for (const line of answer.headers['set-cookie'] ?? []) keep(browser, line);
    return answer;
  }

  #answerAt(browser: Browser, asked: URL, person: string): Promise<Answer> {
    const { id } = readAuthnRequest({ SAMLRequest: asked.searchParams.get('SAMLRequest') ?? '' });
    const form = new URLSearchParams({
      SAMLResponse: answerFor(this.key, this.url, person, id),
      RelayState: asked.searchParams.get('RelayState') ?? '',
    });
    return this.#go(browser, `${this.url}/saml/${CONNECTION}/acs`, form);
  }

  async #redeem(back: URL, verifier: string): Promise<void> {
    const { clientId, clientSecret, redirectUri } = APPLICATION;
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    const { status, body } = await this.#http.send(`${this.url}/op/token`, { authorization }, form);
    if (status !== 200) throw new Error(`No tokens for ${back.search}: ${status}: ${body.slice(0, 2_000)}`);
  }
}

function demandRedirect({ status, body }: Answer): never {
  throw new Error(`The browser stays at a page: ${status}: ${body.slice(0, 2_000)}`);
}

function keep(browser: Browser, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const at = pair.indexOf('=');
  const isOver = attributes.some((one) => /expires=Thu, 01 Jan 1970|max-age=0$/i.test(one));
  if (isOver) browser.delete(pair.slice(0, at));
  else browser.set(pair.slice(0, at), pair.slice(at + 1));
}

import { type IdentityProviderKey, readAuthnRequest } from '#libs/saml-idp';
import { CONNECTION } from './configuration.js';
import { type Answer, cookiesOf, HttpClient } from './http-client.js';
import { answerFor } from './identity-provider.js';
import { visibleAccess } from './visible-access.js';

/** A sign-in that a browser has begun and the identity provider has not answered yet. */
export interface BegunSignIn {
  readonly requestId: string;
  readonly relayState: string;
  readonly cookie: string;
}

/** People in browsers, and the identity provider that vouches for them. */
export class SignInDriver {
  readonly #http = new HttpClient();

  constructor(
    readonly url: string,
    private readonly key: IdentityProviderKey,
    /** Network that requests seem to come from, where the server trusts this machine as a proxy. */
    private readonly network?: string,
  ) {}

  /** Signs a person in from a browser that knows nothing yet. @returns milliseconds in all, and the session's cookie */
  async signIn(person: string): Promise<{ readonly ms: number; readonly cookie: string }> {
    const begun = performance.now();
    const signIn = await this.begin();
    const end = await this.answer(signIn, answerFor(this.key, this.url, person, signIn.requestId));
    if (end.status !== 303) throw new Error(`The sign-in was answered ${end.status}: ${end.body.slice(0, 2_000)}`);
    return { ms: performance.now() - begun, cookie: cookiesOf(end.headers) };
  }

  /** Begins a sign-in in a new browser. */
  async begin(): Promise<BegunSignIn> {
    const begin = await this.#http.send(`${this.url}/login/${CONNECTION}`, this.#from());
    if (begin.status !== 302) throw new Error(`No sign-in began: ${begin.status}: ${begin.body.slice(0, 2_000)}`);
    const asked = new URL(begin.headers.location ?? '').searchParams;
    const { id } = readAuthnRequest({ SAMLRequest: asked.get('SAMLRequest') ?? '' });
    return { requestId: id, relayState: asked.get('RelayState') ?? '', cookie: cookiesOf(begin.headers) };
  }

  /** Posts an answer, whatever it is, from the browser that began. */
  answer({ relayState, cookie }: BegunSignIn, samlResponse: string): Promise<Answer> {
    const form = new URLSearchParams({ SAMLResponse: samlResponse, RelayState: relayState });
    return this.#http.send(
      `${this.url}/saml/${CONNECTION}/acs`,
      { cookie, origin: 'https://idp.example', ...this.#from() },
      form,
    );
  }

  /** Reads the person's own page. @returns milliseconds */
  async me(cookie: string): Promise<number> {
    const begun = performance.now();
    const { status } = await this.#http.send(`${this.url}/me`, { cookie });
    if (status !== 200) throw new Error(`/me was answered ${status}.`);
    return performance.now() - begun;
  }

  /** See {@link visibleAccess}. */
  visible(person: string): Promise<number> {
    return visibleAccess(this.#http, this.url, person);
  }

  #from(): Record<string, string> {
    return this.network === undefined ? {} : { 'x-forwarded-for': this.network };
  }

  close(): void {
    this.#http.close();
  }
}

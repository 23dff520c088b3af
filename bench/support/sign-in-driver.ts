import { setTimeout as delay } from 'node:timers/promises';
import { type IdentityProviderKey, readAuthnRequest } from '#libs/saml-idp';
import { HttpClient } from './http-client.js';
import { answerFor, CONNECTION, emailOf, ROLES } from './identity-provider.js';
import { ADMIN_KEY } from './server-process.js';

/** How often the API is asked whether an account is there, milliseconds; the latency is known no finer than this. */
const ASK_EVERY_MS = 10;
const VISIBLE_WITHIN_MS = 30_000;

/** People in browsers, and the identity provider that vouches for them. */
export class SignInDriver {
  readonly #http = new HttpClient();

  constructor(
    readonly url: string,
    private readonly key: IdentityProviderKey,
  ) {}

  /** Signs a person in from a browser that knows nothing yet. @returns milliseconds in all, and the session's cookie */
  async signIn(person: string): Promise<{ readonly ms: number; readonly cookie: string }> {
    const begun = performance.now();
    const begin = await this.#http.send(`${this.url}/login/${CONNECTION}`);
    const asked = new URL(begin.headers.location ?? '').searchParams;
    const { id } = readAuthnRequest({ SAMLRequest: asked.get('SAMLRequest') ?? '' });
    const form = new URLSearchParams({
      SAMLResponse: answerFor(this.key, this.url, person, id),
      RelayState: asked.get('RelayState') ?? '',
    });
    const headers = { cookie: cookiesOf(begin.headers['set-cookie']), origin: 'https://idp.example' };
    const end = await this.#http.send(`${this.url}/saml/${CONNECTION}/acs`, headers, form);
    if (end.status !== 303) throw new Error(`The sign-in was answered ${end.status}: ${end.body.slice(0, 2_000)}`);
    return { ms: performance.now() - begun, cookie: cookiesOf(end.headers['set-cookie']) };
  }

  /** Reads the person's own page. @returns milliseconds */
  async me(cookie: string): Promise<number> {
    const begun = performance.now();
    const { status } = await this.#http.send(`${this.url}/me`, { cookie });
    if (status !== 200) throw new Error(`/me was answered ${status}.`);
    return performance.now() - begun;
  }

  /** Waits until the API shows the account, and who holds the roles of it and since when. @returns milliseconds from the call */
  async visible(person: string): Promise<number> {
    const begun = performance.now();
    const account = await this.#until(`/api/v1/accounts?tenant=acme&email=${emailOf(person)}`, ({ items }) => items[0]);
    const access = `/api/v1/access?tenant=acme&account=${account.id}`;
    await this.#until(access, ({ items }) => (items.length >= ROLES.length ? items[0] : undefined));
    return performance.now() - begun;
  }

  close(): void {
    this.#http.close();
  }

  async #until(path: string, found: (page: { items: { id: string }[] }) => { id: string } | undefined) {
    const deadline = performance.now() + VISIBLE_WITHIN_MS;
    for (;;) {
      const { status, body } = await this.#http.send(this.url + path, { authorization: `Bearer ${ADMIN_KEY}` });
      if (status !== 200) throw new Error(`${path} was answered ${status}: ${body.slice(0, 2_000)}`);
      const item = found(JSON.parse(body));
      if (item) return item;
      if (performance.now() > deadline) throw new Error(`${path} shows nothing after ${VISIBLE_WITHIN_MS} ms.`);
      await delay(ASK_EVERY_MS);
    }
  }
}

const cookiesOf = (lines: readonly string[] = []): string => lines.map((line) => line.split(';', 1)[0]).join('; ');

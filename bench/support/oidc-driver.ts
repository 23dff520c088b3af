import { CONNECTION } from './configuration.js';
import { cookiesOf, HttpClient } from './http-client.js';
import type { ProviderProcess } from './openid-provider.js';
import type { Driver } from './sign-in-cells.js';
import { visibleAccess } from './visible-access.js';

/** People in browsers who sign in through an OpenID provider. */
export class OidcDriver implements Driver {
  readonly #http = new HttpClient();

  constructor(
    readonly url: string,
    private readonly provider: ProviderProcess,
  ) {}

  /** Signs a person in from a browser that knows nothing yet. */
  async signIn(person: string): Promise<{ readonly ms: number }> {
    const begun = performance.now();
    const begin = await this.#http.send(`${this.url}/login/${CONNECTION}`);
    if (begin.status !== 302) throw new Error(`No sign-in began: ${begin.status}: ${begin.body.slice(0, 2_000)}`);
    const back = await this.provider.authorize(begin.headers.location ?? '', person);
    const end = await this.#http.send(back, { cookie: cookiesOf(begin.headers) });
    if (end.status !== 303) throw new Error(`The sign-in was answered ${end.status}: ${end.body.slice(0, 2_000)}`);
    return { ms: performance.now() - begun };
  }

  /** See {@link visibleAccess}. */
  visible(person: string): Promise<number> {
    return visibleAccess(this.#http, this.url, person);
  }

  close(): void {
    this.#http.close();
  }
}

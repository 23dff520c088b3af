/** The part of a browser that signing in needs: cookies per host, redirects by hand, forms read from pages. */
export class BrowserLess {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Requests an address without following redirects, with this browser's cookies for the host. */
  async go(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = this.#jarOf(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = new Headers(init.headers);
    if (cookie) headers.set('cookie', cookie);
    const answer = await fetch(url, { redirect: 'manual', ...init, headers });
    for (const line of answer.headers.getSetCookie()) keep(jar, line);
    return answer;
  }

  /** Sends a form as the page at `from` would. */
  submit(url: string, fields: Readonly<Record<string, string>>, from: string = url): Promise<Response> {
    return this.go(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(from).origin },
      body: new URLSearchParams(fields),
    });
  }

  /** Forgets a cookie, as when it runs out. */
  lose(url: string, name: RegExp): void {
    const jar = this.#jarOf(url);
    for (const held of [...jar.keys()]) if (name.test(held)) jar.delete(held);
  }

  /** Names of the cookies that this browser holds for a host. */
  cookieNames(url: string): string[] {
    return [...this.#jarOf(url).keys()];
  }

  #jarOf(url: string): Map<string, string> {
    const { host } = new URL(url);
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    return jar;
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const at = pair.indexOf('=');
  const expired = attributes.some(
    (attribute) => /expires=Thu, 01 Jan 1970/i.test(attribute) || /max-age=0/i.test(attribute),
  );
  if (expired) jar.delete(pair.slice(0, at));
  else jar.set(pair.slice(0, at), pair.slice(at + 1));
}

/** Hidden fields of a page's form. */
export function hiddenFields(page: string): Record<string, string> {
  const inputs = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, unescaped(value)]));
}

/** Where a page's form is sent to. */
export function formAction(page: string): string {
  return unescaped(/<form[^>]*action="([^"]+)"/.exec(page)?.[1] ?? '');
}

/** The text that a person reads on a page, in one line. */
export function textOf(page: string): string {
  return unescaped(page.replace(/<style.*?<\/style>/s, '').replaceAll(/<[^>]+>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

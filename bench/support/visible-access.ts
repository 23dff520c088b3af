import { setTimeout as delay } from 'node:timers/promises';
import { emailOf, ROLES } from './configuration.js';
import type { HttpClient } from './http-client.js';
import { ADMIN_KEY } from './server-process.js';

/** How often the API is asked whether an account is there, milliseconds; the latency is known no finer than this. */
const ASK_EVERY_MS = 10;
const VISIBLE_WITHIN_MS = 30_000;

/** Waits until the API shows a person's account, and who holds the roles of it and since when. @returns milliseconds from the call */
export async function visibleAccess(http: HttpClient, url: string, person: string): Promise<number> {
  const begun = performance.now();
  const until = async (path: string, found: (page: Page) => { readonly id: string } | undefined) => {
    const deadline = performance.now() + VISIBLE_WITHIN_MS;
    for (;;) {
      const { status, body } = await http.send(url + path, { authorization: `Bearer ${ADMIN_KEY}` });
      if (status !== 200) throw new Error(`${path} was answered ${status}: ${body.slice(0, 2_000)}`);
      const item = found(JSON.parse(body));
      if (item) return item;
      if (performance.now() > deadline) throw new Error(`${path} shows nothing after ${VISIBLE_WITHIN_MS} ms.`);
      await delay(ASK_EVERY_MS);
    }
  };
  const account = await until(`/api/v1/accounts?tenant=acme&email=${emailOf(person)}`, ({ items }) => items[0]);
  const access = `/api/v1/access?tenant=acme&account=${account.id}`;
  await until(access, ({ items }) => (items.length >= ROLES.length ? items[0] : undefined));
  return performance.now() - begun;
}

interface Page {
  readonly items: readonly { readonly id: string }[];
}

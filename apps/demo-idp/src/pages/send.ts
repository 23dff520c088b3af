import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import { type Html, page, pageHeaders } from '#libs/html';
import { BASE_PATH } from '../demo-idp.options.js';

const NONCE_BYTES = 18;

/** A page of the demo before it is dressed; what runs or is styled bears the nonce. */
export interface DemoPage {
  readonly title: string;
  readonly body: (nonce: string) => Html;
}

/** Sends a page under the demo's own name and warning. `formActions` are addresses that its forms may post to. */
export function send(res: Response, { title, body }: DemoPage, formActions: readonly string[] = []): void {
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  const document = page({
    title,
    nonce,
    body: body(nonce),
    brand: 'Demo identity provider',
    home: `${BASE_PATH}/`,
    tone: 'guest',
    banner: 'Demo identity provider: development only; anyone can sign in as anyone',
  });
  res.set(pageHeaders(nonce, formActions)).send(document.toString());
}

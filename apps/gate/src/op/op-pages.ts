import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Html, html, page, pageHeaders } from '#libs/html';
import type { KoaContextWithOIDC, ProviderPage } from '#libs/openid-provider';
import { DEMO_BANNER, ENVIRONMENT, type Environment, headingOf } from '#libs/platform';

const NONCE_BYTES = 16;

/** Pages that the provider shows by itself: what went wrong, and signing out. */
@Injectable()
export class OpPages {
  constructor(@Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'demo'>) {}

  /** Puts a page into the answer; the engine sends it together with its cookies. */
  show(context: KoaContextWithOIDC, shown: ProviderPage): void {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    const { title, body, formActions = [] } = contentOf(shown, nonce);
    const banner = this.environment.demo ? DEMO_BANNER : null;
    context.status = shown.kind === 'error' ? shown.status : 200;
    context.set({ ...pageHeaders(nonce, formActions) });
    context.type = 'text/html; charset=utf-8';
    context.body = page({ title, body, nonce, banner, width: 'narrow' }).toString();
  }
}

interface Content {
  readonly title: string;
  readonly body: Html;
  readonly formActions?: readonly string[];
}

function contentOf(shown: ProviderPage, nonce: string): Content {
  if (shown.kind === 'signed-out')
    return { title: 'Signed out', body: html`<h1>You are signed out</h1><p>You can close this page.</p>` };
  if (shown.kind === 'error') {
    const body = html`<h1>${headingOf(shown.status)}</h1>
<p class="notice warn" role="alert">${shown.text}</p>
<dl><dt>Code</dt><dd><code>${shown.code}</code></dd></dl>
<p>Go back to the application and start again. If it happens again, give the code to whoever looks after the application.</p>`;
    return { title: headingOf(shown.status), body };
  }
  const { action, fields, confirmed, leadsTo } = shown;
  const inputs = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const body = html`<h1>Sign out</h1>
<form id="sign-out" method="post" action="${action}">${inputs}
<p>You will be signed out of Gatebook and of the applications that you signed in to through it.</p>
<p><button class="wide">Sign out</button></p></form>
${confirmed && html`<script nonce="${nonce}">document.getElementById('sign-out').submit()</script>`}`;
  return { title: 'Sign out', body, formActions: leadsTo === null ? [] : [leadsTo] };
}

import { html } from '#libs/html';
import type { DomainError } from '#libs/kernel';
import { BASE_PATH } from '../demo-idp.options.js';
import type { DemoPage } from './send.js';

/** Says what was wrong and where to go. */
export function refusedPage({ code, message }: DomainError): DemoPage {
  return {
    title: 'Cannot answer',
    body: () => html`<h1>This cannot be answered</h1>
<div class="notice error" role="alert"><p>${message}</p><p>Code: <code>${code}</code></p></div>
<p><a href="${BASE_PATH}/">What this identity provider is</a></p>`,
  };
}

import { type Html, html } from '#libs/html';
import type { Problem } from '../problem/problem.js';

/** What a person sees as heading, by status; refusals of their own making do not sound like faults of ours. */
const HEADINGS: Readonly<Record<number, string>> = {
  400: 'This did not work',
  401: 'Please sign in',
  403: 'This was refused',
  404: 'There is nothing here',
  413: 'This is too large',
  429: 'Please wait a moment',
  503: 'Please try again in a moment',
};

/** The heading for a refusal. */
export const headingOf = (status: number): string =>
  HEADINGS[status] ?? (status >= 500 ? 'Something went wrong' : 'This did not work');

/** What a refusal says to a person: what was wrong, its code, and the id that leads an operator to the log. */
export function errorPage({ status, detail, code, requestId }: Problem): Html {
  return html`<h1>${headingOf(status)}</h1>
<p class="notice ${status >= 500 ? 'error' : 'warn'}" role="alert">${detail}</p>
<dl>
<dt>Code</dt><dd><code>${code}</code></dd>
<dt>Request</dt><dd><code>${requestId}</code></dd>
</dl>
<p>If you ask for help, give both.</p>
<p><a href="/">Back to the start</a></p>`;
}

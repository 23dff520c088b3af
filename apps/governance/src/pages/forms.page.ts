import { type Html, html } from '#libs/html';

/** What every form carries: proof that the page is ours, a mark that makes a second click harmless, and when it was shown. */
export interface FormMarks {
  readonly csrf: string;
  readonly once: string;
  readonly shown: string;
}

/** The hidden fields of a form. */
export const hiddenFields = ({ csrf, once, shown }: FormMarks): Html =>
  html`<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="once" value="${once}"><input type="hidden" name="shown" value="${shown}">`;

/** A refusal above a form that shows what was entered. */
export const refusalNotice = (refused: { readonly message: string; readonly code: string } | null): Html | false =>
  refused !== null &&
  html`<p class="notice error" role="alert" id="refused">${refused.message} <small>Code: <code>${refused.code}</code></small></p>`;

/** One of several answers to a question. */
export function radio(name: string, value: string, label: string, hint: string | null, checked: boolean): Html {
  return html`<label class="option"><input type="radio" name="${name}" value="${value}"${checked && html` checked`} required><span>${label}${hint !== null && html` <small>${hint}</small>`}</span></label>`;
}

import { type Html, html } from '#libs/html';

/** A connection that a person may choose. */
export interface LoginChoice {
  readonly id: string;
  readonly href: string;
}

/** The sign-in page: connections to choose from, or an e-mail address that leads to the right one. */
export function loginPage({
  choices,
  byEmail,
  notice,
  returnTo,
}: {
  choices: readonly LoginChoice[];
  byEmail: boolean;
  notice: string | null;
  returnTo: string;
}): Html {
  return html`<h1>Sign in</h1>
<p class="lead">Your company’s identity provider says who you are. Gatebook keeps the book.</p>
${notice !== null && html`<p class="notice warn" role="alert">${notice}</p>`}
${choices.map(({ id, href }) => html`<p><a class="button wide" href="${href}">Continue with ${id}</a></p>`)}
${byEmail && emailForm(returnTo)}
${choices.length === 0 && !byEmail && html`<p class="notice">There is no way of signing in yet. An administrator can add a connection.</p>`}`;
}

/** Leads on to the connection that signs in the people of a domain. */
export function foundPage({ id, href }: LoginChoice): Html {
  return html`<h1>Sign in</h1>
<p class="lead">Your identity provider asks who you are.</p>
<p><a class="button wide" href="${href}">Continue with ${id}</a></p>`;
}

const emailForm = (returnTo: string) => html`<form class="card" method="post" action="/login">
<div class="field"><label for="email">Work e-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="320" aria-describedby="email-hint">
<small id="email-hint">It only decides which identity provider asks you to sign in.</small></div>
<input type="hidden" name="returnTo" value="${returnTo}">
<button class="wide">Continue</button>
</form>`;

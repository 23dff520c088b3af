import { type Html, html } from '#libs/html';
import type { LoginChoice } from './connection-choice.js';
import type { LoginQuery } from './login.dto.js';
import { returnToOf } from './return-to.js';

/** The sign-in page: connections to choose from, or an e-mail address that leads to the right one. */
export function loginPage({
  choices,
  byEmail,
  notice,
  query,
}: {
  choices: readonly LoginChoice[];
  byEmail: boolean;
  notice: string | null;
  query: LoginQuery;
}): Html {
  return html`<h1>Sign in</h1>
<p class="lead">Your company’s identity provider says who you are. Gatebook keeps the book.</p>
${notice !== null && html`<p class="notice warn" role="alert">${notice}</p>`}
${choices.length > 0 && choiceList(choices)}
${byEmail && emailForm(query)}
${choices.length === 0 && !byEmail && html`<p class="notice">${nothingToChoose(query)}</p>`}`;
}

const nothingToChoose = ({ connections }: LoginQuery): string =>
  connections === undefined
    ? 'There is no way of signing in yet. An administrator can add a connection.'
    : 'The ways of signing in that this application admits are switched off. Ask your administrator.';

/** Leads on to the connections that sign in the people of a domain. */
export function foundPage(choices: readonly LoginChoice[]): Html {
  return html`<h1>Sign in</h1>
<p class="lead">${choices.length === 1 ? 'Your identity provider asks who you are.' : 'Your company signs in by one of these.'}</p>
${choiceList(choices)}`;
}

/** Names say everything that the pictures do, so these stay silent; and pictures want a quiet ground. */
function choiceList(choices: readonly LoginChoice[]): Html {
  const look = choices.some(({ logo }) => logo !== null) ? 'button secondary wide row' : 'button wide';
  return html`<nav aria-label="Ways of signing in">${choices.map(
    ({ href, name, logo }) =>
      html`<p><a class="${look}" href="${href}">${logo !== null && html`<img src="${logo}" alt="" width="20" height="20"> `}Continue with ${name}</a></p>`,
  )}</nav>`;
}

const emailForm = (query: LoginQuery) => html`<form class="card" method="post" action="/login">
<div class="field"><label for="email">Work e-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="320" aria-describedby="email-hint">
<small id="email-hint">It only decides which identity provider asks you to sign in.</small></div>
<input type="hidden" name="returnTo" value="${returnToOf(query.returnTo)}">
${query.acr !== undefined && html`<input type="hidden" name="acr" value="${query.acr}">`}
${query.prompt !== undefined && html`<input type="hidden" name="prompt" value="${query.prompt}">`}
<button class="wide">Continue</button>
</form>`;

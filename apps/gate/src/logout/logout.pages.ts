import { type Html, html, trusted } from '#libs/html';

const GO_ON = trusted('location.replace(document.getElementById("handover").href)');

/** Asks whether to leave. */
export function askToLeavePage(csrf: string): Html {
  return html`<h1>Sign out</h1>
<form method="post" action="/logout"><input type="hidden" name="csrf" value="${csrf}"><p><button class="wide">Sign out</button></p></form>`;
}

/** How far a sign-out reached: this installation alone, the identity provider as well, or nobody can say. */
export type Reach = 'here' | 'everywhere' | 'unsure';

const REACHED: Readonly<Record<Reach, string>> = {
  here: '',
  everywhere: 'Your identity provider has ended your session as well.',
  unsure:
    'Your identity provider could not be asked to end your session there, or did not end all of it. On a computer that others use, close the browser.',
};

/** The person is out. */
export function signedOutPage(reach: Reach): Html {
  return html`<h1>You are signed out</h1>
${REACHED[reach] && html`<p class="${reach === 'unsure' ? 'notice' : 'lead'}">${REACHED[reach]}</p>`}
<p><a class="button wide" href="/login">Sign in again</a></p>`;
}

/**
 * Leads on to the identity provider by an address: by itself, or by the link without scripts. A redirect would not do: browsers hold
 * whatever a form leads to against the form's page, and nobody knows where a provider leads on to.
 */
export function onwardPage(url: string, nonce: string): Html {
  return html`<h1>Sign out</h1>
<p class="lead">You are signed out here. Your identity provider, ${new URL(url).host}, ends your session there now.</p>
<p><a class="button wide" id="handover" href="${url}">Continue</a></p>
<script nonce="${nonce}">${GO_ON}</script>`;
}

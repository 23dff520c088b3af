import { type Html, html, trusted } from '#libs/html';

const SUBMIT = trusted('document.getElementById("handover").submit()');

/** A message on its way to an identity provider that takes it by a form: sends itself, or by the button without scripts. */
export function handoverPage(
  { url, fields }: { url: string; fields: Readonly<Record<string, string>> },
  nonce: string,
  heading = 'Sign in',
): Html {
  return html`<h1>${heading}</h1>
<p class="lead">Your identity provider, ${new URL(url).host}, takes over now.</p>
<form id="handover" method="post" action="${url}">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button class="wide">Continue</button>
</form>
<script nonce="${nonce}">${SUBMIT}</script>`;
}

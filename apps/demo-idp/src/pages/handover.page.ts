import { html, trusted } from '#libs/html';
import type { Choice } from '../choice.js';
import { displayName } from '../people.js';
import type { DemoPage } from './send.js';

const SUBMIT = trusted('document.getElementById("handover").submit()');

/** The answer on its way: posts itself to the service provider, or by the button without scripts or when shown first. */
export function handoverPage(answer: {
  readonly acsUrl: string;
  readonly relayState: string | undefined;
  readonly choice: Choice;
  readonly xml: string;
  readonly encoded: string;
}): DemoPage {
  const { acsUrl, relayState, choice, xml, encoded } = answer;
  return {
    title: 'Answer',
    body: (nonce) => html`<h1>${choice.preview ? 'The answer, before it is sent' : 'Taking you back'}</h1>
<p class="lead">As ${displayName(choice.person)}, to <code>${acsUrl}</code>.</p>
${choice.misbehaviour.id !== 'none' && html`<p class="notice warn">Wrong on purpose: “${choice.misbehaviour.label}”.<br>What should happen: ${choice.misbehaviour.expect}</p>`}
<form id="handover" method="post" action="${acsUrl}">
<input type="hidden" name="SAMLResponse" value="${encoded}">
${relayState !== undefined && html`<input type="hidden" name="RelayState" value="${relayState}">`}
<button>Continue to ${new URL(acsUrl).host}</button>
</form>
${choice.preview ? html`<h2>SAML Response</h2><pre tabindex="0"><code>${indented(xml)}</code></pre>` : html`<script nonce="${nonce}">${SUBMIT}</script>`}`,
  };
}

/** One line for each element, for reading only: the form carries the answer as it was signed. */
function indented(xml: string): string {
  let depth = 0;
  const lines = xml
    .replace(/<([\w:]+)([^<>]*)><\/\1>/g, '<$1$2/>')
    .replaceAll('><', '>\n<')
    .split('\n');
  return lines
    .map((line) => {
      if (line.startsWith('</')) depth -= 1;
      const indent = '  '.repeat(Math.max(depth, 0));
      if (/^<[^/]/.test(line) && !line.endsWith('/>') && !line.includes('</')) depth += 1;
      return indent + line;
    })
    .join('\n');
}

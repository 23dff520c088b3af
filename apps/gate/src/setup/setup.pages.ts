import { type Html, html } from '#libs/html';
import type { ConnectionSetup } from './connection-setups.js';

/** What a link for a key does, and the button that does it. */
export function linkForKeyPage(token: string, { expiresAt }: { readonly expiresAt: string }): Html {
  return html`<h1>Set up Gatebook</h1>
<p class="lead">This link gives you one administrator’s API key for this installation. It works once, until ${minute(expiresAt)}.</p>
<form method="post" action="/setup/${token}"><p><button class="wide">Give me the key</button></p></form>
<p class="muted">The key is shown once and lasts 24 hours. With it you can apply a configuration, make further keys, and name administrators. Its making is recorded.</p>`;
}

/** The key, once. */
export function keyPage(key: { readonly token: string; readonly expiresAt: string }): Html {
  return html`<h1>Your administrator’s key</h1>
<p class="notice warn" role="status">Copy it now: it is not shown again.</p>
<p class="card"><code>${key.token}</code></p>
<p>It works until ${minute(key.expiresAt)}. Send it as <code>Authorization: Bearer …</code>; the API is described at <a href="/docs">/docs</a>.</p>`;
}

/** What a link for a connection does, and the button that does it. */
export function linkForConnectionPage(token: string, { connection, expiresAt }: ConnectionSetup): Html {
  return html`<h1>Set up ${connection.settings.displayName ?? connection.id}</h1>
<p class="lead">This link shows what to enter at your identity provider, and lets you try a sign-in out. It changes nothing here.</p>
<form method="post" action="/setup/${token}"><p><button class="wide">Open the set-up page in this browser</button></p></form>
<p class="muted">The link works once. The page then stays open to this browser, and to no other, until ${minute(expiresAt)}.</p>`;
}

/** An instant for people, to the minute. */
export const minute = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

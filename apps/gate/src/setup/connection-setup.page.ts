import { findPreset, type PresetScreen } from '#libs/federation';
import { type Html, html } from '#libs/html';
import type { KnownConnection } from '../settings/known-connection.js';
import { type Address, addressesOf } from './connection-addresses.js';
import type { ConnectionSetup } from './connection-setups.js';
import { minute } from './setup.pages.js';

/** Everything that an identity provider's administrator needs: our addresses, the provider's screens in words, and a way to try it out. */
export function connectionSetupPage(
  { connection, expiresAt }: ConnectionSetup,
  { publicUrl, testHref }: { publicUrl: string; testHref: string },
): Html {
  const { settings, id } = connection;
  const addresses = addressesOf(connection, publicUrl);
  const preset = settings.preset === null ? undefined : findPreset(settings.preset);
  return html`<h1>Set up ${settings.displayName ?? id}</h1>
<p class="lead">Connect ${preset?.title ?? 'your identity provider'} to Gatebook. This page stays open to this browser until ${minute(expiresAt)}.</p>
${stateOf(connection)}
<h2 id="addresses">What to enter at your identity provider</h2>
<dl class="card" aria-labelledby="addresses">${addresses.map(({ name, value }) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl>
${preset && preset.screens.length > 0 && html`<h2>Where to enter it</h2>${preset.screens.map((screen) => screenCard(screen, addresses))}`}
${preset && preset.traps.length > 0 && html`<h2>What goes wrong at times</h2><div class="card"><ul>${preset.traps.map((trap) => html`<li>${trap}</li>`)}</ul></div>`}
<h2>Try it out</h2>
<p>Sign in at your identity provider as yourself. You then see what it says about you, and what Gatebook would make of it: no account is made, nobody is signed in here, nothing is kept.</p>
<p><a class="button" href="${testHref}">Run a test sign-in</a></p>`;
}

function stateOf({ enabled, settings }: KnownConnection): Html {
  const { saml } = settings;
  if (saml && (saml.idpEntityId === null || saml.ssoUrl === null))
    return html`<p class="notice warn">The metadata of your identity provider has not been read yet. A test works once it has.</p>`;
  return enabled
    ? html`<p class="notice good">The connection is switched on: people can sign in through it.</p>`
    : html`<p class="notice">The connection is switched off: nobody can sign in through it yet. Tests work.</p>`;
}

function screenCard({ title, steps }: PresetScreen, addresses: readonly Address[]): Html {
  return html`<section class="card"><h3>${title}</h3><ol>${steps.map((step) => html`<li>${filled(step, addresses)}</li>`)}</ol></section>`;
}

/** Puts the connection's own addresses in the places that a step leaves for them. */
function filled(step: string, addresses: readonly Address[]): (string | Html)[] {
  const addressAt = (place: string) => addresses.find((address) => address.place === place)?.value;
  return step.split(/(\{[A-Za-z]+\})/).map((part) => {
    const value = /^\{(\w+)\}$/.test(part) ? addressAt(part.slice(1, -1)) : undefined;
    return value === undefined ? part : html`<code>${value}</code>`;
  });
}

import { html } from '#libs/html';
import { addresses, BASE_PATH, type DemoIdpOptions, type ServiceProvider } from '../demo-idp.options.js';
import type { DemoPage } from './send.js';

/** Says what the demo is, how to connect to it, and lets a visitor start a sign-in from here. */
export function aboutPage(options: DemoIdpOptions): DemoPage {
  const { idpEntityId, ssoUrl } = addresses(options);
  return {
    title: 'About',
    body: () => html`<h1>A company’s sign-in page, pretended</h1>
<p class="lead">This stands in for the identity provider of a company, such as Okta, Entra or Keycloak. It knows a few sample
people, signs what it says about them as a real one would, and can be told to be wrong, so that you can see what is refused.</p>
<section aria-labelledby="start"><h2 id="start">Start at the identity provider</h2>
<p class="muted">Usually the application sends you here. Some companies start from a portal instead; an application has to
allow that.</p>
${options.serviceProviders.map(startForm)}</section>
<section aria-labelledby="connect"><h2 id="connect">Connect an application</h2>
<dl class="card"><dt>Entity id</dt><dd><code>${idpEntityId}</code></dd>
<dt>Sign-on address</dt><dd><code>${ssoUrl}</code></dd>
<dt>Metadata</dt><dd><a href="${BASE_PATH}/metadata">metadata, with the certificate</a></dd></dl></section>`,
  };
}

function startForm({ spEntityId, acsUrl }: ServiceProvider) {
  return html`<form class="card row" method="get" action="${BASE_PATH}/sso">
<input type="hidden" name="serviceProvider" value="${spEntityId}">
<button class="secondary">Sign in to ${new URL(acsUrl).host}</button><span class="muted">${spEntityId}</span></form>`;
}

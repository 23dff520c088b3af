import type { IdentityPreview } from '#libs/configuration';
import { mayCreateAccounts } from '#libs/domain';
import type { VerifiedIdentity } from '#libs/federation';
import { type Html, html } from '#libs/html';
import type { KnownConnection } from '../settings/known-connection.js';
import { statedClaims } from '../sign-in/stated-claims.js';

/** Values of one claim that are shown; a person may be in thousands of groups. */
const VALUES_SHOWN = 100;

/** What the identity provider said, and what the connection would make of it. */
export function testSignInPage({
  connection,
  identity,
  preview,
  backHref,
}: {
  readonly connection: KnownConnection;
  readonly identity: VerifiedIdentity;
  readonly preview: IdentityPreview;
  readonly backHref: string;
}): Html {
  const { judgements, roles } = preview;
  const claims = [...statedClaims(identity)];
  const profile = Object.entries(preview.identity?.profile ?? {});
  return html`<h1>The test worked</h1>
<p class="lead">${connection.settings.displayName ?? connection.id} answered, and its answer was verified. No account was made and nobody was signed in.</p>
${verdict(connection, preview)}
<h2 id="said">What your identity provider said</h2>
<dl class="card" aria-labelledby="said"><dt>Issuer</dt><dd><code>${identity.evidence.issuer}</code></dd>
<dt>Subject</dt><dd><code>${identity.subject.value}</code></dd>
<dt>How you signed in</dt><dd>${howSignedIn(identity)}</dd>
<dt>Groups</dt><dd>${groupsOf(preview, identity)}</dd></dl>
${table(
  'Claims',
  ['Claim', 'Values'],
  claims.map(([name, values]) => [name, shown(values)]),
)}
${table(
  'Profile that it makes',
  ['Attribute', 'Value'],
  profile.map(([name, value]) => [name, shown(listOf(value))]),
)}
${table(
  'Rules',
  ['Rule', 'Matched', 'Why'],
  judgements.map(({ rule, matched, undecided, why }) => [rule, matched ? 'yes' : undecided ? 'unknown' : 'no', why]),
)}
<h2>Roles that you would hold</h2>
${roles.length === 0 ? html`<p class="notice">None by the rules of this connection.</p>` : html`<div class="card"><ul>${roles.map(({ role, rule }) => html`<li><code>${role}</code> by rule <code>${rule}</code></li>`)}</ul></div>`}
<p><a class="button" href="${backHref}">Back to the set-up page</a></p>`;
}

function verdict({ settings }: KnownConnection, { refusal }: IdentityPreview): Html {
  if (refusal === null) {
    const account = mayCreateAccounts(settings)
      ? 'and make an account for you if you have none'
      : 'if you have an account';
    return html`<p class="notice good" role="status">The connection would let you in, ${account}. Whether you have one is not shown here.</p>`;
  }
  const { message, code, rule } = refusal;
  return html`<p class="notice warn" role="status">You would be turned away: ${message} Code: <code>${code}</code>${rule !== null && html`, rule <code>${rule}</code>`}</p>`;
}

function howSignedIn({ evidence: { authnContext, amr } }: VerifiedIdentity): string {
  const said = [authnContext, ...amr].filter((word) => word !== null);
  return said.length > 0 ? said.join(', ') : 'not said';
}

function groupsOf({ groups }: IdentityPreview, { groupsOverage }: VerifiedIdentity): string {
  if (groupsOverage) return 'unknown: there are more than fit; roles stay as they are';
  if (groups === null) return 'unknown: your identity provider said nothing about groups; roles stay as they are';
  return groups.length === 0 ? 'none' : shown(groups);
}

const listOf = (value: string | readonly string[] | null): readonly string[] =>
  value === null ? [] : typeof value === 'string' ? [value] : value;

function shown(values: readonly string[]): string {
  const rest = values.length - VALUES_SHOWN;
  if (values.length === 0) return '(empty)';
  return values.slice(0, VALUES_SHOWN).join(', ') + (rest > 0 ? ` … and ${rest} more` : '');
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): Html | false {
  if (rows.length === 0) return false;
  return html`<h2>${title}</h2><div class="table"><table aria-label="${title}">
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell, index) => html`<td data-label="${heads[index + 1]}">${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

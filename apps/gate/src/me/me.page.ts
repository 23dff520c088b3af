import type { CatalogView } from '#libs/catalog';
import { type AccountState, type Grant, grantsHeld } from '#libs/domain';
import { type Html, html } from '#libs/html';

/** Who I am, what I hold, and why: one page, from the account's own history. */
export function mePage(
  account: AccountState,
  { catalog, tenant, now, csrf }: { catalog: CatalogView; tenant: string; now: string; csrf: string },
): Html {
  const grants = grantsHeld(account, now);
  const name = account.profile?.displayName ?? account.profile?.userName ?? '';
  return html`<h1>${name}</h1>
<p class="lead">This is what Gatebook knows about you, and what you may do because of it.</p>
<section class="card" aria-labelledby="who"><h2 id="who">Who you are</h2>${profileList(account, tenant)}</section>
<h2 id="roles">What you hold, and why</h2>
${grants.length === 0 ? html`<p class="notice">You hold no roles. That is not an error: no rule gives you one, and nobody has assigned one by hand.</p>` : roleTable(grants, catalog, tenant)}
<form method="post" action="/logout"><input type="hidden" name="csrf" value="${csrf}"><p><button class="secondary">Sign out</button></p></form>`;
}

function profileList({ profile, directory, id, links }: AccountState, tenant: string): Html {
  const rows: [string, string | null | undefined][] = [
    ['User name', profile?.userName],
    ['E-mail', profile?.email],
    ['Title', profile?.title],
    ['Department', profile?.department],
    ['Manager', profile?.manager],
    ['Organisation', `${tenant} · directory ${directory}`],
    ['Signs in through', links.map(({ connection }) => connection).join(', ')],
  ];
  return html`<dl>${rows.filter(([, value]) => value).map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}
<dt>Account</dt><dd><code>${id}</code></dd></dl>`;
}

function roleTable(grants: readonly Grant[], catalog: CatalogView, tenant: string): Html {
  return html`<div class="table"><table aria-labelledby="roles">
<thead><tr><th scope="col">Role</th><th scope="col">Because</th><th scope="col">Since</th></tr></thead>
<tbody>${grants.map((grant) => roleRow(grant, catalog, tenant))}</tbody></table></div>`;
}

function roleRow(grant: Grant, catalog: CatalogView, tenant: string): Html {
  const role = catalog.role(tenant, grant.role)?.settings;
  return html`<tr><th scope="row">${role?.name ?? grant.role} ${role?.privileged && html`<span class="badge warn">privileged</span>`}<br><small>${grant.role}</small></th>
<td>${because(grant)}</td>
<td data-label="Since"><time datetime="${grant.from}">${minute(grant.from)}</time>${grant.until !== null && html`<br><small>until ${minute(grant.until)}</small>`}</td></tr>`;
}

function because({ source, matched }: Grant): Html {
  if (source.kind === 'elevation') return html`Given for a time, on request`;
  if (source.kind !== 'rule') return html`Given by hand`;
  const values = matched.flatMap(({ claim, values }) => values.map((value) => `${claim}: ${value}`));
  return html`Rule <code>${source.rule}@${source.ruleVersion}</code> of ${source.connection}${
    values.length > 0
      ? html`, because your identity provider says <span class="badge">${values.join(', ')}</span>`
      : html`, which holds for everyone`
  }`;
}

const minute = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

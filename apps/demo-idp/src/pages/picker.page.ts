import { type Html, html } from '#libs/html';
import type { Origin } from '../choice.js';
import { BASE_PATH } from '../demo-idp.options.js';
import type { Asked } from '../identity-provider.js';
import { type Misbehaviour, misbehaviourGroups } from '../misbehaviours.js';
import { displayName, type Person, sampleGroups, samplePeople } from '../people.js';
import type { DemoPage } from './send.js';

/** Who is there? One click for each sample person; a second form for answers that are wrong or changed. */
export function pickerPage(origin: Origin, { serviceProvider, requestId }: Asked): DemoPage {
  const application = new URL(serviceProvider.acsUrl).host;
  return {
    title: `Sign in to ${application}`,
    body: () => html`<h1>Sign in to ${application}</h1>
<p class="lead">Who are you today? No password: these people are samples.
${requestId === undefined && 'You start here, without the application having asked.'}</p>
<form method="post" action="${BASE_PATH}/sso">${carried(origin)}
<ul class="grid">${samplePeople.map(personCard)}</ul></form>
<h2>Or answer differently</h2>
<details class="card"><summary>Change the person, or make the answer wrong, and see what happens</summary>
<form method="post" action="${BASE_PATH}/sso">${carried(origin)}${details()}${misbehaviourGroups.map(choices)}
<label class="option"><input type="checkbox" name="preview" value="yes"><span>Show me the answer before it is sent</span></label>
<p></p><button>Send this answer</button></form></details>`,
  };
}

/** The request travels in the form, so that nothing has to be remembered here. */
function carried({ samlRequest, relayState, serviceProvider }: Origin): Html {
  const hidden = (name: string, value: string | undefined) =>
    value !== undefined && html`<input type="hidden" name="${name}" value="${value}">`;
  return html`${hidden('SAMLRequest', samlRequest)}${hidden('RelayState', relayState)}${hidden('serviceProvider', serviceProvider)}`;
}

function personCard(person: Person): Html {
  return html`<li class="card"><div><h3>${displayName(person)}</h3>
<div>${person.title} · ${person.department}</div><small>${person.email}</small></div>
<ul class="badges" aria-label="Groups">${groupBadges(person)}</ul>
<p class="muted">${person.shows}</p>
<button class="wide" name="person" value="${person.id}">Sign in as ${person.firstName}</button></li>`;
}

function groupBadges({ groups }: Person) {
  if (groups.length === 0) return html`<li class="badge plain">no groups</li>`;
  return groups.map((group) => html`<li class="badge">${group}</li>`);
}

function details(): Html {
  return html`<div class="field"><label for="person">Person</label><select id="person" name="person">
${samplePeople.map((person) => html`<option value="${person.id}">${displayName(person)}</option>`)}</select></div>
<div class="grid"><div class="field"><label for="email">Another e-mail address</label>
<input id="email" name="email" type="text" inputmode="email" maxlength="256" autocomplete="off" aria-describedby="own"></div>
<div class="field"><label for="lastName">Another last name</label>
<input id="lastName" name="lastName" type="text" maxlength="256" autocomplete="off" aria-describedby="own"></div></div>
<p class="muted" id="own">Empty leaves the person’s own.</p>
<fieldset><legend>Groups</legend>
<label class="option"><input type="checkbox" name="changeGroups" value="yes"><span>Replace the person’s groups with these:</span></label>
<div class="row">${sampleGroups.map((group) => html`<label class="option"><input type="checkbox" name="groups" value="${group}"><span>${group}</span></label>`)}</div></fieldset>`;
}

function choices({ title, misbehaviours }: (typeof misbehaviourGroups)[number]): Html {
  return html`<fieldset><legend>${title}</legend>${misbehaviours.map(choice)}</fieldset>`;
}

function choice({ id, label, expect }: Misbehaviour): Html {
  return html`<label class="option"><input type="radio" name="misbehaviour" value="${id}"${id === 'none' && html` checked`}><span>${label}<small>${expect}</small></span></label>`;
}

import type { SettingDifference } from '#libs/configuration';
import { type Html, html } from '#libs/html';
import { type FormMarks, hiddenFields, refusalNotice } from './forms.page.js';
import { minute, type Refused } from './review-view.js';

/** A change that waits, as an administrator sees it in a list. */
export interface ChangeShown {
  readonly id: string;
  readonly kind: string;
  /** What would change. */
  readonly target: string;
  /** Who asked. */
  readonly person: string;
  /** Whether that is whoever looks. */
  readonly isOwn: boolean;
  readonly validUntil: string;
}

/** The same with everything that an answer is made from. */
export interface ChangeInFull extends ChangeShown {
  readonly status: 'held' | 'approved' | 'applied' | 'refused';
  readonly reason: string;
  readonly approvals: number;
  readonly approvalsNeeded: number;
  readonly differences: readonly SettingDifference[];
  readonly losses: readonly { readonly connection: string | null; readonly losing: number; readonly of: number }[];
  readonly warnings: readonly string[];
  readonly remarks: readonly string[];
  /** What an approval confirms; null: nothing. */
  readonly confirm: string | null;
  /** Whether whoever looks can answer still. */
  readonly isAnswerable: boolean;
}

/** A section of the page of approvals: changes that wait for a second person. */
export function changesSection(changes: readonly ChangeShown[]): Html {
  return html`<h2 id="changes">Changes that wait for a second person</h2>
${changes.length === 0 ? html`<p class="muted">None.</p>` : changesTable(changes)}`;
}

function changesTable(changes: readonly ChangeShown[]): Html {
  return html`<div class="table"><table aria-labelledby="changes">
<thead><tr><th scope="col">Change</th><th scope="col">Asked by</th><th scope="col">Answer before</th></tr></thead>
<tbody>${changes.map(
    ({
      id,
      kind,
      target,
      person,
      isOwn,
      validUntil,
    }) => html`<tr><th scope="row"><a href="/approvals/changes/${id}">${kind} ${target}</a></th>
<td data-label="Asked by">${isOwn ? 'you' : person}</td><td data-label="Answer before">${minute(validUntil)}</td></tr>`,
  )}</tbody></table></div>`;
}

/** What the page of one change is made from. */
export interface ChangePage {
  readonly change: ChangeInFull;
  readonly marks: FormMarks;
  readonly refused: Refused<string> | null;
}

const STATES: Readonly<Record<ChangeInFull['status'], string>> = {
  held: 'waits for approval',
  approved: 'approved, and about to be made',
  applied: 'made',
  refused: 'refused',
};

/** One change: what it would come to, and the answer. */
export function changePage({ change, marks, refused }: ChangePage): Html {
  const { kind, target, status, person, isOwn, reason, approvals, approvalsNeeded, validUntil, isAnswerable } = change;
  return html`<h1 id="change">${kind} ${target}</h1>
<p class="lead">A change that needs a second person.</p>
${refusalNotice(refused)}
<dl><dt>State</dt><dd>${STATES[status]}</dd><dt>Asked by</dt><dd>${isOwn ? 'you' : person}</dd><dt>Reason</dt><dd>${reason}</dd>
${approvalsNeeded > 1 && html`<dt>Approvals</dt><dd>${approvals} of ${approvalsNeeded}</dd>`}
${status === 'held' && html`<dt>Answer before</dt><dd>${minute(validUntil)}</dd>`}</dl>
<h2 id="difference">What changes</h2>
${differencesTable(change.differences)}
${consequences(change)}
${isAnswerable && answerForm(change, marks, refused)}`;
}

function differencesTable(differences: readonly SettingDifference[]): Html {
  if (differences.length === 0) return html`<p class="muted">Nothing that can be shown.</p>`;
  return html`<div class="table"><table aria-labelledby="difference">
<thead><tr><th scope="col">Setting</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>${differences.map(({ setting, before, after }) => html`<tr><th scope="row"><code>${setting}</code></th><td data-label="Before">${value(before)}</td><td data-label="After">${value(after)}</td></tr>`)}</tbody></table></div>`;
}

const value = (shown: unknown): Html =>
  shown === null ? html`–` : html`<code>${typeof shown === 'string' ? shown : JSON.stringify(shown)}</code>`;

function consequences({ losses, warnings, remarks, confirm }: ChangeInFull): Html | false {
  if (losses.length + warnings.length + remarks.length === 0) return false;
  const lost = losses.map(
    ({ connection, losing, of }) =>
      `${losing} of ${of} grants ${connection === null ? 'given by hand' : `of ${connection}`} would end.`,
  );
  return html`<h2 id="consequences">What follows for people</h2>
<ul>${[...lost, ...warnings, ...remarks].map((sentence) => html`<li>${sentence}</li>`)}</ul>
${confirm !== null && html`<p class="notice">Whoever approves confirms this.</p>`}`;
}

function answerForm({ id, isOwn, confirm }: ChangeInFull, marks: FormMarks, refused: Refused<string> | null): Html {
  const invalid = refused !== null && html` aria-invalid="true" aria-errormessage="refused"`;
  return html`<form class="card" method="post" action="/approvals/changes/${id}" aria-labelledby="change">${hiddenFields(marks)}
${confirm !== null && html`<input type="hidden" name="confirm" value="${confirm}">`}
<div class="field"><label for="reason">Your reason</label><input id="reason" name="reason" maxlength="1000" required autocomplete="off" value="${refused?.entered}"${invalid}></div>
<p class="row">${!isOwn && html`<button name="answer" value="approve">Approve</button>`}<button class="secondary" name="answer" value="refuse">${isOwn ? 'Take back' : 'Refuse'}</button></p></form>`;
}

import { type Html, html } from '#libs/html';
import { type FormMarks, hiddenFields, radio, refusalNotice } from './forms.page.js';
import { flagText, type ItemShown, minute, type Refused, type ReviewShown, triggerText } from './review-view.js';

/** What a reviewer entered for several items at once. */
export interface BulkEntered {
  readonly decision: string;
  readonly reason: string;
  readonly items: readonly string[];
}

/** What became of items that were decided at once. */
export interface BulkDone {
  readonly decided: number;
  readonly refused: readonly { readonly what: string; readonly message: string }[];
}

/** What the list is made from. */
export interface ReviewsPage {
  readonly items: readonly ItemShown[];
  /** Address of the next page; null at the end. */
  readonly nextHref: string | null;
  readonly marks: FormMarks;
  /** What was just recorded. */
  readonly done: BulkDone | null;
  readonly refused: Refused<BulkEntered> | null;
}

/** Everything that somebody is asked, review by review, with one form to answer several at once. */
export function reviewsPage({ items, nextHref, marks, done, refused }: ReviewsPage): Html {
  return html`<h1>Reviews</h1>
<p class="lead">Access of other people that you are asked about. Open one to see everything that is known, or tick several and decide them at once.</p>
${refusalNotice(refused)}${done !== null && doneNotice(done)}
${items.length === 0 ? html`<p class="notice">Nothing waits for you.</p>` : listForm(items, marks, refused)}
${nextHref !== null && html`<hr><p><a class="button secondary" href="${nextHref}">More</a></p>`}`;
}

function doneNotice({ decided, refused }: BulkDone): Html {
  return html`${decided > 0 && html`<p class="notice good" role="status">${decided === 1 ? 'One decision was recorded.' : `${decided} decisions were recorded.`}</p>`}
${refused.length > 0 && html`<div class="notice error" role="alert"><p>${refused.length === 1 ? 'One was not:' : `${refused.length} were not:`}</p><ul>${refused.map(({ what, message }) => html`<li>${what}: ${message}</li>`)}</ul></div>`}`;
}

function listForm(items: readonly ItemShown[], marks: FormMarks, refused: Refused<BulkEntered> | null): Html {
  const ticked = new Set(refused?.entered.items);
  const entered = refused?.entered.decision;
  return html`<form method="post" action="/reviews">${hiddenFields(marks)}
${byReview(items).map(([review, its]) => reviewTable(review, its, ticked))}
<h2 id="bulk">Decide the ticked ones at once</h2>
<section class="card" aria-labelledby="bulk">
<fieldset><legend>What should become of them?</legend>
${radio('decision', 'certify', 'Certify', 'They go on as they are.', entered === 'certify')}
${radio('decision', 'revoke', 'Revoke', 'They end at once. Needs a reason.', entered === 'revoke')}
${radio('decision', 'abstain', 'Abstain', 'Others decide.', entered === 'abstain')}</fieldset>
<div class="field"><label for="reason">Reason</label>
<textarea id="reason" name="reason" rows="2" maxlength="1000" aria-describedby="reason-hint"${refused !== null && html` aria-invalid="true" aria-errormessage="refused"`}>${refused?.entered.reason}</textarea>
<small id="reason-hint">Kept with each decision, which is marked as one of several.</small></div>
<button>Record the decisions</button></section></form>`;
}

/** Together what was opened for the same reason: a trigger opens a review of its own for every event. */
function byReview(items: readonly ItemShown[]): [ReviewShown, ItemShown[]][] {
  const groups = new Map<string, [ReviewShown, ItemShown[]]>();
  for (const item of items) {
    const { title, trigger, control } = item.review;
    const key = JSON.stringify([title, trigger, control]);
    const group = groups.get(key) ?? [item.review, []];
    group[1].push(item);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function reviewTable(review: ReviewShown, items: readonly ItemShown[], ticked: ReadonlySet<string>): Html {
  const heading = `review-${review.id}`;
  return html`<h2 id="${heading}">${review.title}</h2>
<p class="muted">${triggerText(review.trigger)}${review.control !== null && ` · control ${review.control}`}</p>
<div class="table"><table aria-labelledby="${heading}">
<thead><tr><th scope="col">Tick</th><th scope="col">Who holds what</th><th scope="col">Recommendation</th><th scope="col">Decide before</th></tr></thead>
<tbody>${items.map((item) => itemRow(item, ticked.has(item.id)))}</tbody></table></div>`;
}

function itemRow({ id, person, role, recommendation, flags, stageDueAt }: ItemShown, ticked: boolean): Html {
  return html`<tr><td><input type="checkbox" name="item" value="${id}" aria-label="${person.name}: ${role.name}"${ticked && html` checked`}></td>
<th scope="row"><a href="/reviews/${id}">${person.name}: ${role.name}</a> ${role.privileged && html`<span class="badge warn">privileged</span>`}<br><small>${role.id}${person.department !== null && ` · ${person.department}`}</small></th>
<td data-label="Recommendation">${recommendation.decision === 'none' ? html`<span class="badge plain">none</span>` : html`<span class="badge ${recommendation.decision === 'revoke' ? 'warn' : 'good'}">${recommendation.decision}</span>`}${flags.map((flag) => html`<br><small>${flagText(flag)}</small>`)}</td>
<td data-label="Decide before"><time datetime="${stageDueAt}">${minute(stageDueAt)}</time></td></tr>`;
}

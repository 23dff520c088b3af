import { type Html, html } from '#libs/html';
import { type FormMarks, hiddenFields, radio, refusalNotice } from './forms.page.js';
import { flagText, type ItemDetails, type ItemShown, minute, type Refused, triggerText } from './review-view.js';

/** What a reviewer entered. */
export interface DecisionEntered {
  readonly decision: string;
  readonly reason: string;
  readonly until: string;
  readonly to: string;
}

/** What the page of an item is made from. */
export interface ItemPage {
  readonly item: ItemShown;
  readonly details: ItemDetails;
  /** Null when whoever looks may not decide. */
  readonly marks: FormMarks | null;
  readonly refused: Refused<DecisionEntered> | null;
}

const CHOICES: readonly (readonly [decision: string, label: string, hint: string])[] = [
  ['certify', 'Certify', 'The access goes on as it is.'],
  ['revoke', 'Revoke', 'It ends at once, and rules do not give it again while this decision stands. Needs a reason.'],
  ['reduce', 'Reduce', 'It goes on until the day that you name below, and no rule extends it.'],
  ['abstain', 'Abstain', 'You cannot judge this; the others who are asked decide.'],
  ['reassign', 'Reassign', 'Somebody else is asked in place of all reviewers. Name them below.'],
  ['delegate', 'Delegate', 'Somebody decides for you. Name them below.'],
];

/** One question in full, and the form to answer it. */
export function reviewItemPage({ item, details, marks, refused }: ItemPage): Html {
  const { person, role, review } = item;
  return html`<p><a href="/reviews">All reviews</a></p>
<h1>Should ${person.name} keep ${role.name}?</h1>
<p class="lead">${review.title}. ${triggerText(review.trigger)}.</p>
${refusalNotice(refused)}
<section class="card" aria-labelledby="facts"><h2 id="facts">What is known</h2>${factList(item, details)}</section>
<h2 id="recommendation">Recommendation: ${recommended(item)}</h2>
${item.recommendation.because.length > 0 ? html`<ul>${item.recommendation.because.map((reason) => html`<li>${reason}</li>`)}</ul>` : html`<p class="muted">Nothing speaks for or against it.</p>`}
${marks === null || item.status !== 'open' ? closedNotice(item) : decisionForm(item, marks, refused)}`;
}

function factList({ person, role, review, flags, stage, stages, stageDueAt }: ItemShown, details: ItemDetails): Html {
  const { origin, lastSignInAt, lastUsed, reviewers } = details;
  const rows: readonly (readonly [string, string | Html | null])[] = [
    ['Person', [person.name, person.title, person.department].filter((part) => part !== null).join(', ')],
    [
      'Role',
      html`${role.name} ${role.privileged && html`<span class="badge warn">privileged</span>`}<br><small>${role.id}</small>`,
    ],
    ['Application', role.application],
    ['Because', origin.text],
    ['Since', origin.since && minute(origin.since)],
    ['Ends', origin.until && minute(origin.until)],
    ['Last sign-in', lastSignInAt === null ? 'never' : minute(lastSignInAt)],
    ['Last use of the application', lastUsed],
    ['Asked', reviewers.join(', ')],
    ['Stage', stages > 1 ? `${stage + 1} of ${stages}` : null],
    ['Decide before', minute(stageDueAt)],
    ['Control', review.control],
    ['Note', flags.length > 0 ? flags.map(flagText).join('; ') : null],
  ];
  return html`<dl>${rows.filter(([, value]) => value).map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}

function recommended({ recommendation: { decision } }: ItemShown): string {
  return decision === 'none' ? 'none' : decision;
}

const closedNotice = ({ status }: ItemShown): Html =>
  status === 'open'
    ? html`<p class="notice">Only those who are asked can decide.</p>`
    : html`<p class="notice good" role="status">${status === 'closed' ? 'This is decided; there is nothing left to do.' : 'It was decided to end this access; it is being ended now.'}</p>`;

function decisionForm({ id, stage }: ItemShown, marks: FormMarks, refused: Refused<DecisionEntered> | null): Html {
  const entered = refused?.entered ?? { decision: '', reason: '', until: '', to: '' };
  const invalid = refused !== null && html` aria-invalid="true" aria-errormessage="refused"`;
  return html`<h2 id="decide">Your decision</h2>
<form class="card" method="post" action="/reviews/${id}" aria-labelledby="decide">${hiddenFields(marks)}<input type="hidden" name="stage" value="${stage}">
<fieldset><legend>What should become of it?</legend>${CHOICES.map(([decision, label, hint]) => radio('decision', decision, label, hint, decision === entered.decision))}</fieldset>
<div class="field"><label for="reason">Reason</label>
<textarea id="reason" name="reason" rows="3" maxlength="1000" aria-describedby="reason-hint"${invalid}>${entered.reason}</textarea>
<small id="reason-hint">It is kept with the decision. Always needed to revoke.</small></div>
<div class="field"><label for="until">Ends on (to reduce)</label>
<input id="until" name="until" type="date" value="${entered.until}" aria-describedby="until-hint"><small id="until-hint">At the beginning of this day, UTC.</small></div>
<div class="field"><label for="to">Whom to ask (to reassign or delegate)</label>
<input id="to" name="to" maxlength="320" autocomplete="off" value="${entered.to}" aria-describedby="to-hint"><small id="to-hint">Their user name or e-mail address.</small></div>
<button>Record the decision</button></form>`;
}

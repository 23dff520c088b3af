import { type Html, html } from '#libs/html';
import { type FormMarks, hiddenFields, refusalNotice } from './forms.page.js';
import { minute, type Refused, type RoleShown } from './review-view.js';

/** An elevation as its approvers and whoever asked for it see it. */
export interface ElevationShown {
  readonly id: string;
  readonly status: 'requested' | 'active' | 'refused' | 'ended';
  /** Who gets the role. */
  readonly person: string;
  /** Who asked, where that is somebody else; null otherwise. */
  readonly requestedBy: string | null;
  readonly role: RoleShown;
  readonly reason: string;
  readonly durationMs: number;
  readonly breakGlass: boolean;
  readonly approvals: number;
  readonly approvalsNeeded: number;
  /** When an unanswered request ends. */
  readonly validUntil: string;
  /** When the grant ends; null before it began. */
  readonly until: string | null;
}

/** A role that may be asked for, and for how long at most. */
export interface RoleOffered {
  readonly role: RoleShown;
  readonly maxDurationMs: number;
  readonly breakGlass: boolean;
}

/** What was entered, to ask for a role or to answer somebody who asks. */
export interface RequestEntered {
  /** The elevation that was answered; null for a request. */
  readonly answering: string | null;
  readonly role: string;
  readonly minutes: string;
  readonly reason: string;
}

/** What the page is made from. */
export interface ApprovalsPage {
  /** Requests of others that whoever looks may answer. */
  readonly waiting: readonly ElevationShown[];
  /** Own ones, newest first. */
  readonly own: readonly ElevationShown[];
  readonly offered: readonly RoleOffered[];
  readonly marks: FormMarks;
  /** What was just done, in a sentence. */
  readonly done: string | null;
  readonly refused: Refused<RequestEntered> | null;
  /** Other things that wait for approval, each a section of its own. */
  readonly sections: readonly Html[];
}

/** Requests to answer, what one has asked for oneself, and a form to ask. */
export function approvalsPage({ waiting, own, offered, marks, done, refused, sections }: ApprovalsPage): Html {
  return html`<h1>Approvals</h1>
<p class="lead">Roles for a time, asked for when they are needed.</p>
${refusalNotice(refused)}${done !== null && html`<p class="notice good" role="status">${done}</p>`}
<h2 id="waiting">Waiting for you</h2>
${waiting.length === 0 ? html`<p class="notice">Nobody waits for your approval.</p>` : waiting.map((one) => waitingCard(one, marks, refused))}
${sections}
<h2 id="own">What you have asked for</h2>
${own.length === 0 ? html`<p class="muted">Nothing so far.</p>` : ownTable(own, marks)}
<h2 id="ask">Ask for a role</h2>
${offered.length === 0 ? html`<p class="muted">There are no roles that can be had for a time. A policy of the kind elevation offers them.</p>` : requestForm(offered, marks, refused)}`;
}

function waitingCard(one: ElevationShown, marks: FormMarks, refused: Refused<RequestEntered> | null): Html {
  const { id, person, requestedBy, role, reason, durationMs, approvals, approvalsNeeded, validUntil } = one;
  const entered = refused?.entered.answering === id ? refused.entered.reason : '';
  return html`<section class="card" aria-labelledby="request-${id}"><h3 id="request-${id}">${person}: ${role.name} ${role.privileged && html`<span class="badge warn">privileged</span>`}</h3>
<dl><dt>Reason</dt><dd>${reason}</dd><dt>For</dt><dd>${lasting(durationMs)}</dd>
${requestedBy !== null && html`<dt>Asked by</dt><dd>${requestedBy}</dd>`}
${approvalsNeeded > 1 && html`<dt>Approvals</dt><dd>${approvals} of ${approvalsNeeded}</dd>`}
<dt>Answer before</dt><dd>${minute(validUntil)}</dd></dl>
<form method="post" action="/approvals/elevations/${id}" aria-labelledby="request-${id}">${hiddenFields(marks)}
<div class="field"><label for="reason-${id}">Your reason</label><input id="reason-${id}" name="reason" maxlength="1000" required autocomplete="off" value="${entered}"></div>
<p class="row"><button name="answer" value="approve">Approve</button><button class="secondary" name="answer" value="refuse">Refuse</button></p></form></section>`;
}

const STATES: Readonly<Record<ElevationShown['status'], string>> = {
  requested: 'waits for approval',
  active: 'you have it',
  refused: 'refused',
  ended: 'over',
};

function ownTable(own: readonly ElevationShown[], marks: FormMarks): Html {
  return html`<div class="table"><table aria-labelledby="own">
<thead><tr><th scope="col">Role</th><th scope="col">State</th><th scope="col">Until</th><th scope="col">End it</th></tr></thead>
<tbody>${own.map((one) => ownRow(one, marks))}</tbody></table></div>`;
}

function ownRow({ id, role, status, until, person, requestedBy }: ElevationShown, marks: FormMarks): Html {
  const isOver = status === 'refused' || status === 'ended';
  return html`<tr><th scope="row">${role.name}${requestedBy !== null && html`<br><small>for ${person}</small>`}<br><small>${role.id}</small></th>
<td data-label="State">${STATES[status]}</td>
<td data-label="Until">${until === null ? '–' : minute(until)}</td>
<td>${!isOver && html`<form method="post" action="/approvals/elevations/${id}">${hiddenFields(marks)}<input type="hidden" name="reason" value="No longer needed"><button class="secondary" name="answer" value="${status === 'active' ? 'end' : 'withdraw'}" aria-label="${status === 'active' ? 'End' : 'Take back'} ${role.name}">${status === 'active' ? 'End now' : 'Take back'}</button></form>`}</td></tr>`;
}

/** Durations to choose from, in minutes, as far as some role allows them. */
const DURATIONS = [15, 30, 60, 120, 240, 480, 1440] as const;
const MINUTE_MS = 60_000;

function requestForm(offered: readonly RoleOffered[], marks: FormMarks, refused: Refused<RequestEntered> | null): Html {
  const entered = refused?.entered.answering === null ? refused.entered : undefined;
  const longest = Math.max(...offered.map(({ maxDurationMs }) => maxDurationMs));
  const inEmergency = offered.some(({ breakGlass }) => breakGlass);
  return html`<form class="card" method="post" action="/approvals/elevations" aria-labelledby="ask">${hiddenFields(marks)}
<div class="field"><label for="role">Role</label><select id="role" name="role" required>${offered.map(({ role, maxDurationMs }) => html`<option value="${role.id}"${role.id === entered?.role && html` selected`}>${role.name} (${role.application}, at most ${lasting(maxDurationMs)})</option>`)}</select></div>
<div class="field"><label for="minutes">For how long</label><select id="minutes" name="minutes" required>${durationsUpTo(longest).map((minutes) => html`<option value="${minutes}"${String(minutes) === entered?.minutes && html` selected`}>${lasting(minutes * MINUTE_MS)}</option>`)}</select></div>
<div class="field"><label for="why">Reason</label><textarea id="why" name="reason" rows="2" maxlength="1000" required${entered !== undefined && html` aria-invalid="true" aria-errormessage="refused"`}>${entered?.reason}</textarea></div>
${inEmergency && html`<div class="field"><label class="option"><input type="checkbox" name="breakGlass" value="true"><span>This is an emergency: begin at once, where the role allows it. It is reviewed afterwards.</span></label></div>`}
<button>Ask</button></form>`;
}

/** The shortest is always there: what is too long is refused with the limit. */
function durationsUpTo(longestMs: number): number[] {
  return DURATIONS.filter((minutes, index) => index === 0 || minutes * MINUTE_MS <= longestMs);
}

/** A duration in words. */
export function lasting(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts = [counted(days, 'day'), counted(hours, 'hour'), counted(rest, 'minute')].filter((part) => part !== null);
  return parts.join(' ') || 'less than a minute';
}

const counted = (count: number, unit: string): string | null =>
  count === 0 ? null : `${count} ${unit}${count === 1 ? '' : 's'}`;

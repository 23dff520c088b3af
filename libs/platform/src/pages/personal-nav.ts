import { type Html, html } from '#libs/html';

/** Leads between the pages of somebody who is signed in, whichever servers they come from. */
export const personalNav: Html = html`<a href="/reviews">Reviews</a> <a href="/approvals">Approvals</a> <a href="/me">My access</a>`;

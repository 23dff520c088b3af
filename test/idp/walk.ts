import type { BrowserLess } from '../support/browser-less.js';
import { formsOf, linkOf, type PageForm } from './page-forms.js';

/** A person's account at Keycloak. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** One request of a walk, with the fields of a form that was sent. */
export interface Step {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** A form on its way from one page to another address. */
export interface Submission {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly from: string;
}

/** Where a walk came to rest. */
export interface Arrival {
  readonly url: URL;
  readonly status: number;
  readonly page: string;
  /** Every request, the last one included. */
  readonly steps: readonly Step[];
  /** The form that was held back, as asked for. */
  readonly held: Submission | null;
}

/** What the person at the browser does. */
export interface Manners {
  readonly credentials?: Credentials;
  /** Rests before a form with a field of this name is sent. */
  readonly holding?: string;
}

interface Request extends Submission {
  readonly method: 'GET' | 'POST';
}

/** Most requests of one walk: a sign-out through two parties takes about ten. */
const STEPS_MAX = 20;

/**
 * Goes on as a browser does that runs scripts: follows redirects, sends SAML messages on, and goes where a page leads by itself. Types the credentials into Keycloak's form, once,
 * where they are given, and agrees when Keycloak asks whether to sign out. Rests at the first page that wants something else.
 */
export async function walk(
  browser: BrowserLess,
  start: string | Submission,
  { credentials, holding }: Manners = {},
): Promise<Arrival> {
  const steps: Step[] = [];
  let typed: Credentials | undefined = credentials;
  let request: Request =
    typeof start === 'string' ? { method: 'GET', url: start, fields: {}, from: start } : { method: 'POST', ...start };
  while (steps.length < STEPS_MAX) {
    const answer = await send(browser, request);
    const url = new URL(request.url);
    const page = await answer.text();
    steps.push({ method: request.method, url, status: answer.status, fields: request.fields });
    const next = redirected(answer, url) ?? sentOn(page, url, typed) ?? ledOn(page, url);
    const held = next && holding !== undefined && holding in next.fields ? next : null;
    if (!next || held) return { url, status: answer.status, page, steps, held };
    if ('password' in next.fields) typed = undefined;
    request = next;
  }
  throw new Error(`The walk does not end: ${steps.map(({ method, url }) => `${method} ${url.pathname}`).join(', ')}`);
}

function send(browser: BrowserLess, { method, url, fields, from }: Request): Promise<Response> {
  return method === 'GET' ? browser.go(url) : browser.submit(url, fields, from);
}

function redirected(answer: Response, { href }: URL): Request | undefined {
  const location = answer.headers.get('location');
  return location === null ? undefined : { method: 'GET', url: new URL(location, href).href, fields: {}, from: href };
}

function sentOn(page: string, { href }: URL, credentials: Credentials | undefined): Request | undefined {
  for (const form of formsOf(page, href)) {
    const fields = filled(form, credentials);
    if (fields && form.method === 'POST') return { method: 'POST', url: form.action, fields, from: href };
  }
  return undefined;
}

/** By a link that a script of the page follows. */
function ledOn(page: string, { href }: URL): Request | undefined {
  const link = linkOf(page, 'handover', href);
  return link === undefined ? undefined : { method: 'GET', url: link, fields: {}, from: href };
}

function filled(form: PageForm, credentials: Credentials | undefined): Record<string, string> | undefined {
  if ('SAMLRequest' in form.fields || 'SAMLResponse' in form.fields) return form.fields;
  if (credentials && isLoginForm(form)) return { ...form.fields, ...credentials };
  return 'confirmLogout' in form.fields ? form.fields : undefined;
}

const isLoginForm = ({ id }: PageForm) => id === 'kc-form-login';

/** Whether Keycloak asks for a password here: the person has no session there. */
export function asksForPassword({ page, url }: Arrival): boolean {
  return formsOf(page, url.href).some(isLoginForm);
}

/** The XML of a SAML message that a form carries. */
export function samlMessage(fields: Readonly<Record<string, string>>): string {
  return Buffer.from(fields['SAMLResponse'] ?? fields['SAMLRequest'] ?? '', 'base64').toString('utf8');
}

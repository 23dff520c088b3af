import { BrowserLess, formAction, hiddenFields } from './browser-less.js';

/** What a visitor of the demo identity provider may choose beside the person. */
export type DemoChoice = Readonly<Record<string, string>>;

/** An answer of the demo identity provider, on its way to Gatebook. */
export interface Handover {
  readonly acsUrl: string;
  readonly fields: Record<string, string>;
  readonly from: string;
}

/** Begins a sign-in at Gatebook and lets the demo identity provider answer for a sample person; the answer is not yet sent on. */
export async function answerOfDemo(
  browser: BrowserLess,
  gatebook: string,
  person: string,
  choice: DemoChoice = {},
): Promise<Handover> {
  const started = await browser.go(`${gatebook}/login/demo`);
  const picker = started.headers.get('location') ?? '';
  const page = await (await browser.go(picker)).text();
  const chosen = await browser.submit(new URL('/demo-idp/sso', picker).href, {
    ...hiddenFields(page),
    person,
    ...choice,
  });
  const handover = await chosen.text();
  return { acsUrl: formAction(handover), fields: hiddenFields(handover), from: picker };
}

/** Signs a sample person in through real SAML; resolves with Gatebook's answer to the identity provider's post. */
export async function signInAtDemo(
  browser: BrowserLess,
  gatebook: string,
  person: string,
  choice: DemoChoice = {},
): Promise<Response> {
  const { acsUrl, fields, from } = await answerOfDemo(browser, gatebook, person, choice);
  return browser.submit(acsUrl, fields, from);
}

/** Lets the demo identity provider answer for a sample person although nobody asked; the answer is not yet sent on. */
export async function answerUnasked(
  browser: BrowserLess,
  { url, port }: { url: string; port: number },
  person: string,
): Promise<Handover> {
  const idp = `http://127.0.0.1:${port}/demo-idp/sso`;
  const serviceProvider = `${url}/saml/demo/metadata`;
  const chosen = await browser.submit(idp, { serviceProvider, person });
  const handover = await chosen.text();
  return { acsUrl: formAction(handover), fields: hiddenFields(handover), from: idp };
}

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { buildSamlResponse, encodeSamlResponse, readAuthnRequest } from '#libs/saml-idp';
import { BrowserLess } from '../support/browser-less.js';
import { honest, type IdentityProviderKey, type TestPerson } from '../support/test-idp.js';
import type { Api } from './api.js';
import type { AcknowledgedChange, AcknowledgedSignIn, RememberedAnswer } from './evidence.js';
import { type Random, randomFrom } from './random.js';

/** People who sign in again and again. */
const PEOPLE = 240;
/** Browsers at the same time. */
const BROWSERS = 6;
/** Pause of one browser between two sign-ins, milliseconds: the machine has other work, too. */
const PAUSE_MS = 20;
/** Pause after one that failed: somebody who sees an error page does not try again at once. */
const PAUSE_AFTER_FAILURE_MS = 250;
/** How long a change may be repeated before the run counts as stuck, milliseconds. */
const PATIENCE_MS = 60_000;

/** Where to sign in. */
export interface LoadOptions {
  readonly url: string;
  readonly key: IdentityProviderKey;
  readonly api: Api;
  readonly seed: number;
}

/** People at work, and what they were told. */
export interface Load {
  readonly signIns: AcknowledgedSignIn[];
  readonly changes: AcknowledgedChange[];
  readonly remembered: Omit<RememberedAnswer, 'again'>[];
  /** Sign-ins whose answer did not come or was an error; they may or may not have happened. */
  readonly unanswered: () => number;
  /** Lets what is under way come to its end. */
  stop(): Promise<void>;
}

/** Signs people of two customers in without a pause, deactivates and reactivates some, and notes what was acknowledged. */
export function startLoad(options: LoadOptions): Load {
  const stop = new AbortController();
  const noted = { signIns: [] as AcknowledgedSignIn[], changes: [] as AcknowledgedChange[] };
  const remembered: Omit<RememberedAnswer, 'again'>[] = [];
  let unanswered = 0;
  const browser = async (number: number) => {
    const random = randomFrom(options.seed + number);
    while (!stop.signal.aborted) {
      const signedIn = await signIn(options, somebody(random)).catch(() => null);
      if (signedIn) noted.signIns.push(signedIn);
      else unanswered += 1;
      await delay(signedIn ? PAUSE_MS : PAUSE_AFTER_FAILURE_MS, undefined, { signal: stop.signal }).catch(
        () => undefined,
      );
    }
  };
  const working = [
    ...Array.from({ length: BROWSERS }, (_, number) => browser(number)),
    administer(options, noted.changes, stop.signal),
    remember(options.api, remembered, stop.signal),
  ];
  return {
    ...noted,
    remembered,
    unanswered: () => unanswered,
    async stop() {
      stop.abort();
      await Promise.all(working);
    },
  };
}

interface Somebody extends TestPerson {
  readonly connection: string;
}

/** People's groups come and go, so roles are given and taken at nearly every sign-in. */
function somebody(random: Random): Somebody {
  const number = random.below(PEOPLE);
  const company = number % 5 === 0 ? 'globex' : 'acme';
  return {
    nameId: `id-${number}`,
    email: `p${number}@${company}.example`,
    groups: random.below(2) === 0 ? ['crm-admins'] : [],
    connection: company === 'acme' ? 'corp' : 'globex-sso',
  };
}

/** @returns null when the answer was not a success: then it is not known whether it happened */
async function signIn({ url, key }: LoadOptions, person: Somebody): Promise<AcknowledgedSignIn | null> {
  const browser = new BrowserLess();
  const started = await browser.go(`${url}/login/${person.connection}`);
  const asked = new URL(started.headers.get('location') ?? '');
  const { id: requestId } = readAuthnRequest({ SAMLRequest: asked.searchParams.get('SAMLRequest') ?? '' });
  const spec = { ...honest(url, person.connection, person, key), requestId };
  const answer = await browser.submit(
    spec.acsUrl,
    {
      SAMLResponse: encodeSamlResponse(buildSamlResponse(spec)),
      RelayState: asked.searchParams.get('RelayState') ?? '',
    },
    'https://idp.example/sso',
  );
  await answer.arrayBuffer();
  return answer.status === 303 ? { assertionId: spec.assertionId, userName: person.email } : null;
}

/** Deactivates and reactivates accounts, one after the other, each change under its own key until it is acknowledged. */
async function administer({ api, seed }: LoadOptions, changes: AcknowledgedChange[], stop: AbortSignal): Promise<void> {
  const random = randomFrom(seed + 1_000);
  while (!stop.aborted) {
    const listed = await api.get('/api/v1/accounts?tenant=acme&limit=50');
    const account = random.pick((listed?.body.items ?? []) as { id: string; status: string }[]);
    if (account) {
      await change(api, account.id, 'deactivate', changes);
      await change(api, account.id, 'reactivate', changes);
    }
    await delay(500, undefined, { signal: stop }).catch(() => undefined);
  }
}

const EVENTS = { deactivate: 'UserDeactivated', reactivate: 'UserReactivated' } as const;

async function change(api: Api, account: string, what: keyof typeof EVENTS, changes: AcknowledgedChange[]) {
  const path = `/api/v1/accounts/${account}/${what}?tenant=acme`;
  await api.change(path, { reason: 'A run under faults' }, randomUUID(), PATIENCE_MS);
  changes.push({ account, type: EVENTS[what] });
}

/** Asks about the present moment as known now, and keeps the answers: nothing may change them later. */
async function remember(api: Api, remembered: Omit<RememberedAnswer, 'again'>[], stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const now = await api.get('/api/v1/access?tenant=acme&limit=1');
    if (now?.status === 200) {
      const query = `/api/v1/access?tenant=acme&limit=200&asOf=${now.body.asOf}&knownAt=${now.body.knownAt}`;
      const answer = await api.get(query);
      if (answer?.status === 200) remembered.push({ query, first: answer.body.items });
    }
    await delay(2_000, undefined, { signal: stop }).catch(() => undefined);
  }
}

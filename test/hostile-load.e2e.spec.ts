/**
 * Five hundred hostile answers at once harm nobody: none comes in, everybody honest does, memory stays bounded, and nothing of what was
 * posted is written to the log. How long people wait meanwhile is measured by the benchmark of the same name; a test cannot know.
 */

import { createIdentityProviderKey, encodeSamlResponse } from '#libs/saml-idp';
import { hostileResponses } from '../bench/support/hostile-responses.js';
import { BrowserLess } from './support/browser-less.js';
import { answerFor, api, eventually, type Installation, startInstallation } from './support/installation.js';
import { honest, type TestPerson } from './support/test-idp.js';

const HOSTILE = 500;
const HONEST = 50;
/** Times that a person who is told that the server is busy tries again, half a second apart: a minute and a half on a loaded machine. */
const TRIES_MAX = 180;
/** Most that the server's memory may grow, in MB: as many requests as are worked on at a time, with their forms, and two threads' heaps. */
const GROWTH_MAX_MB = 250;

const MALLORY: TestPerson = { nameId: 'mallory-the-intruder', email: 'mallory@acme.example' };
const person = (number: number): TestPerson => ({
  nameId: `honest-name-${number}`,
  email: `honest-${number}@acme.example`,
  lastName: `Familyname${number}`,
});

/** A hostile answer that waits to be posted from the browser that began. */
interface Shot {
  readonly name: string;
  readonly codes: readonly string[];
  readonly samlResponse: string;
  post(): Promise<Response>;
}

/** Of what was posted, what an output holds: names, addresses, and pieces from inside of a response, encoded or not. */
function traces(output: string, shots: readonly Shot[]): string[] {
  const pieces = shots.flatMap(({ samlResponse }) =>
    [0.1, 0.5, 0.9].map((at) => samlResponse.slice(samlResponse.length * at, samlResponse.length * at + 32)),
  );
  const encoded = [...new Set(pieces)].flatMap((piece) => [piece, encodeURIComponent(piece)]);
  const names = [MALLORY.nameId, MALLORY.email, 'honest-name-7', 'honest-7@', 'Familyname7', '<samlp:', 'cn=group-'];
  return [...names, ...encoded].filter((piece) => output.includes(piece));
}

describe('five hundred hostile answers at once', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startInstallation({ LOG_LEVEL: 'debug' });
  }, 120_000);
  afterAll(() => installation?.server.stop());

  const residentMb = async () => {
    const text = await (await fetch(`${installation.server.url}/metrics`)).text();
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 1e6;
  };

  const shots: Shot[] = [];
  const prepare = async (): Promise<void> => {
    const stranger = await createIdentityProviderKey({ commonName: 'a stranger', now: new Date() });
    while (shots.length < HOSTILE) {
      const browser = new BrowserLess();
      const { acsUrl, requestId, fields } = await answerFor(browser, installation, MALLORY);
      const spec = { ...honest(installation.server.url, 'corp', MALLORY, installation.key), requestId };
      const kinds = hostileResponses({ honest: spec, stranger });
      const kind = kinds[shots.length % kinds.length];
      if (!kind) throw new Error('There is nothing hostile.');
      const samlResponse = encodeSamlResponse(kind.xml);
      const post = () => browser.submit(acsUrl, { ...fields, SAMLResponse: samlResponse }, 'https://idp.example/sso');
      shots.push({ name: kind.name, codes: kind.codes, samlResponse, post });
    }
  };

  /** Signs in as people do: told that the server is busy, they try again. */
  const signInPatiently = async (who: TestPerson): Promise<number> => {
    for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
      const browser = new BrowserLess();
      const begun = await answerFor(browser, installation, who).catch(() => null);
      const answer = begun && (await browser.submit(begun.acsUrl, begun.fields, 'https://idp.example/sso'));
      if (answer && answer.status !== 503) return answer.status;
      await new Promise((again) => setTimeout(again, 500));
    }
    return 503;
  };

  it('let nobody in, keep nobody out, and leave no trace of what they held', async () => {
    expect(await signInPatiently(person(HONEST))).toBe(303); // warmed up
    await prepare();
    const before = await residentMb();
    let most = before;
    const watching = setInterval(async () => {
      most = Math.max(most, await residentMb().catch(() => 0));
    }, 250);

    const fired = Promise.all(
      shots.map(async (shot) => {
        const answer = await shot.post();
        return { shot, status: answer.status, code: /<code>([a-z-]+)<\/code>/.exec(await answer.text())?.[1] };
      }),
    );
    const people = Array.from({ length: HONEST }, (_, number) => person(number));
    const honestAnswers = await Promise.all(people.map(signInPatiently));
    const answers = await fired;
    clearInterval(watching);
    most = Math.max(most, await residentMb());

    expect(new Set(honestAnswers)).toEqual(new Set([303]));
    const judged = answers.filter(({ status }) => status !== 503);
    console.info(
      `${judged.length} judged, ${answers.length - judged.length} told to come later; memory ${before.toFixed(0)} MB, at most ${most.toFixed(0)} MB`,
    );
    // one that takes too long on a loaded machine is stopped, which is a refusal like any other
    const wrongly = judged.filter(
      ({ shot, status, code }) => status !== 400 || ![...shot.codes, 'verification-timeout'].includes(String(code)),
    );
    expect(wrongly.map(({ shot, status, code }) => `${shot.name}: ${status} ${code}`)).toEqual([]);
    const kinds = new Set(shots.map(({ name }) => name));
    expect(new Set(judged.map(({ shot }) => shot.name))).toEqual(kinds); // no kind was lost to the limits
    expect(most - before).toBeLessThan(GROWTH_MAX_MB);
  }, 240_000);

  it('leave accounts for the honest alone', async () => {
    const { body } = await eventually(
      () => api(installation.server, '/api/v1/accounts?tenant=acme&limit=200'),
      (answer) => answer.body.items.length === HONEST + 1,
    );
    expect(body.items.map(({ email }: { email: string }) => email)).not.toContain(MALLORY.email);
  });

  it('write nothing of what was posted to the log, of neither side', () => {
    const output = installation.server.output();
    expect(output).toContain('/saml/corp/acs'); // the log is on, and speaks of these requests
    expect(traces(output, shots)).toEqual([]);
    for (const { samlResponse } of shots.slice(0, 3)) expect(traces(output + samlResponse, shots)).not.toEqual([]);
    expect(traces(`${output} Familyname7 `, shots)).toEqual(['Familyname7']);
  });

  it('leave the server ready, with nothing waiting', async () => {
    const { url } = installation.server;
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('gatebook_verification_queue 0');
    expect(await signInPatiently(person(7))).toBe(303);
  });
});

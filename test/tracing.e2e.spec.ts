/** One sign-in, followed from the browser's request through the recorded event to the read model, as a receiver of traces sees it. */
import { BrowserLess } from './support/browser-less.js';
import { signInAtDemo } from './support/demo-sign-in.js';
import { type OtlpReceiver, startOtlpReceiver } from './support/otlp-receiver.js';
import { type StartedServer, startServer } from './support/started-server.js';

let receiver: OtlpReceiver;
let server: StartedServer;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  server = await startServer({ env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.url, LOG_LEVEL: 'warn' } });
}, 90_000);
afterAll(async () => {
  await server?.stop();
  await receiver?.close();
});

it('one trace holds the request, the verification, the appends and the projection of a sign-in', async () => {
  const browser = new BrowserLess();
  expect((await signInAtDemo(browser, server.url, 'ada')).status).toBe(303);

  const figures = await (await fetch(`${server.url}/metrics`)).text();
  expect(figures).toContain('gatebook_sign_ins_total{outcome="accepted",protocol="saml"} 1');
  expect(figures).toMatch(/gatebook_append_duration_seconds_count [1-9]/);
  expect(figures).toMatch(/gatebook_append_batch_events_count [1-9]/);

  const [request] = await receiver.received('POST /saml/:connection/acs');
  const ofThisTrace = (name: string) =>
    receiver.spans.filter((span) => span.name === name && span.traceId === request?.traceId);
  await receiver.until(() => ofThisTrace('project').length >= 2);

  expect(request).toMatchObject({ service: 'gatebook', failed: false, parentSpanId: undefined });
  expect(ofThisTrace('verify SAML response')).toMatchObject([{ parentSpanId: request?.spanId }]);
  expect(ofThisTrace('append').every(({ parentSpanId }) => parentSpanId === request?.spanId)).toBe(true);
  expect(ofThisTrace('append').length).toBeGreaterThanOrEqual(2);
  const projected = ofThisTrace('project').map(({ attributes }) => attributes['gatebook.event.type']);
  expect(projected).toEqual(expect.arrayContaining(['SignedIn', 'UserProvisioned']));
  const told = receiver.spans.map(({ name, attributes }) => [name, { ...attributes, 'gatebook.request.id': '' }]);
  expect(JSON.stringify(told)).not.toMatch(/ada|lovelace|acme\.example/i);
}, 60_000);

it('a receiver that goes away is told of once, and costs no sign-in', async () => {
  await receiver.close();
  for (const person of ['ada', 'ada', 'ada']) {
    expect((await signInAtDemo(new BrowserLess(), server.url, person)).status).toBe(303);
  }
  const tellings = () => server.output().match(/traces cannot be delivered/g) ?? [];
  await receiver.until(() => tellings().length > 0);
  expect((await signInAtDemo(new BrowserLess(), server.url, 'ada')).status).toBe(303);
  expect(await server.stop()).toBe(0);
  expect(tellings()).toHaveLength(1);
}, 60_000);

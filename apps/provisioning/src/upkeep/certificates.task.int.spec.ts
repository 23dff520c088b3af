/** Certificates that end: told in time, each warning once, and shown where operators look. */
import { createIdentityProviderKey } from '#libs/saml-idp';
import { connectionSettings } from '#libs/testing';
import { CertificatesTask } from './certificates.task.js';
import { ConnectionHealth } from './connection-health.js';
import { BEGINS, DAY, UpkeepBench } from './upkeep.fixture.js';

jest.setTimeout(60_000);

/** How long the certificates of these identity providers are valid. */
const LIFE = 3650 * DAY;
const certificateFor = async (days: number) => {
  const now = new Date(Date.parse(BEGINS) + days * DAY - LIFE);
  return (await createIdentityProviderKey({ commonName: `${days} days`, now })).certificatePem;
};

let in40: string;
let in100: string;
let bench: UpkeepBench;
let task: CertificatesTask;
beforeAll(async () => {
  [in40, in100] = [await certificateFor(40), await certificateFor(100)];
});
beforeEach(async () => {
  bench = await UpkeepBench.open();
  task = new CertificatesTask(bench.commands, bench.engine.catalog, bench.engine.clock);
});
afterEach(() => bench.close());

const trusting = (...certificates: string[]) => connectionSettings({ saml: { certificates } });
const warnings = async () =>
  (await bench.events('connection', 'okta'))
    .filter(({ type }) => type === 'CertificateExpiryNoticed')
    .map(({ data }) => (data as { daysBefore: number }).daysBefore);

it('each warning is given once, on its day', async () => {
  await bench.configure('okta', trusting(in40));
  const given: (readonly [number, number])[] = [];
  for (let day = 0; day <= 42; day += 1) {
    await bench.look(task);
    await bench.look(task);
    const all = await warnings();
    if (all.length > given.length) given.push([day, all.at(-1) as number]);
    bench.passes(DAY);
  }
  expect(given).toEqual([
    [10, 30],
    [26, 14],
    [33, 7],
    [39, 1],
    [40, 0],
  ]);
});

it('a certificate that is put in place when it is nearly over is told at once', async () => {
  await bench.configure('okta', trusting(in100));
  await bench.look(task);
  bench.passes(31 * DAY);
  await bench.look(task);
  expect(await warnings()).toEqual([]);
  await bench.configure('okta', trusting(in40, in100));
  await bench.look(task);
  expect(await warnings()).toEqual([14]);
});

it('nothing is told of a connection that admits nobody', async () => {
  await bench.configure('okta', trusting(in40), false);
  bench.passes(39 * DAY);
  await bench.look(task);
  expect(await warnings()).toEqual([]);
});

describe('readiness and metrics', () => {
  const health = async () => {
    const looking = new ConnectionHealth(bench.engine.catalog, bench.engine.clock);
    await bench.engine.catalog.current();
    return { answer: looking.answer(), seconds: looking.certificates() };
  };

  it('say nothing while all is well', async () => {
    await bench.configure('okta', trusting(in40));
    expect(await health()).toEqual({
      answer: { ready: true },
      seconds: [{ connection: 'okta', seconds: (40 * DAY) / 1000 }],
    });
  });

  it('show a connection whose last certificate is about to end, and stay ready', async () => {
    await bench.configure('okta', trusting(in40));
    bench.passes(34 * DAY);
    expect((await health()).answer).toEqual({
      ready: true,
      degraded: true,
      detail: 'okta: certificate ends in 6 days',
    });
    bench.passes(7 * DAY);
    expect(await health()).toEqual({
      answer: { ready: true, degraded: true, detail: 'okta: certificate has ended' },
      seconds: [{ connection: 'okta', seconds: -86_400 }],
    });
  });

  it('are content once the next certificate is there', async () => {
    await bench.configure('okta', trusting(in40, in100));
    bench.passes(39 * DAY);
    expect((await health()).answer).toEqual({ ready: true });
  });
});

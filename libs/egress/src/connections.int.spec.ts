/** One server that keeps its callers waiting does not keep those of other servers waiting. */
import { egress } from './egress.js';
import { CONNECTIONS_PER_ORIGIN_MAX } from './exchange.js';
import { type LocalServer, serve } from './local-server.fixture.js';

/** More than there are connections in all. */
const CALLS = 160;
const DEADLINE_MS = 20_000;

let slow: LocalServer;
let quick: LocalServer;
const waiting: (() => void)[] = [];
beforeAll(async () => {
  slow = await serve((_, response) => void waiting.push(() => response.end('late')));
  quick = await serve((_, response) => void response.end('at once'));
});
afterAll(async () => {
  await slow.close();
  await quick.close();
});

const until = async (holds: () => boolean) => {
  for (const end = Date.now() + DEADLINE_MS; !holds(); ) {
    if (Date.now() > end) throw new Error('It did not come so far in time.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

it('a server that does not answer has a few connections, and others are asked meanwhile', async () => {
  const { fetch } = egress({ allow: ['127.0.0.1'], timeoutMs: DEADLINE_MS });
  const stuck = Array.from({ length: CALLS }, () => fetch(`http://127.0.0.1:${slow.port}/`));
  await until(() => waiting.length === CONNECTIONS_PER_ORIGIN_MAX);
  expect(await (await fetch(`http://127.0.0.1:${quick.port}/`)).text()).toBe('at once');
  expect(waiting).toHaveLength(CONNECTIONS_PER_ORIGIN_MAX);

  // the control: nothing is lost, every call waits for its turn
  for (let answered = 0; answered < CALLS; answered += 1) {
    await until(() => waiting.length > 0);
    waiting.shift()?.();
  }
  const answers = await Promise.all(stuck);
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(Array(CALLS).fill('late'));
}, 60_000);

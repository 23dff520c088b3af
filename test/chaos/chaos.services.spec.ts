import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { whyNoKafka } from '#libs/testing';
import type { ChaosSummary } from './chaos.js';

const ROOT = resolve(__dirname, '../..');
/** A run with its cluster, on a busy machine. */
const RUN_WITHIN_MS = 240_000;

/** Runs the installation under faults as `npm run chaos` does. */
async function chaos(...args: string[]): Promise<{ code: number; summary: ChaosSummary; output: string }> {
  const command = ['--disable-warning=TimeoutNegativeWarning', `${ROOT}/test/chaos/main.mjs`, ...args];
  const ended = await promisify(execFile)(process.execPath, command, { cwd: ROOT, timeout: RUN_WITHIN_MS }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stdout, stderr }) => ({ code: Number(code), output: `${stdout}${stderr}` }),
  );
  const last = ended.output.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`The run came to no result:\n${ended.output}`);
  return { ...ended, summary: JSON.parse(last) };
}

const absent = whyNoKafka();
if (absent) console.warn(`SKIPPED: nothing is run under faults: ${absent}.`);

// Goal: separate processes on a real Kafka and a real PostgreSQL lose nothing, double nothing and mix up nothing while they are killed.
(absent ? describe.skip : describe)('an installation under faults', () => {
  it(
    'keeps everything that it acknowledged, once and in order',
    async () => {
      const seed = randomInt(2 ** 31);
      console.info(`seed ${seed}`);
      const { code, summary, output } = await chaos('--seconds', '20', '--seed', String(seed));
      expect({ ...summary, output: summary.anomalies > 0 ? output : '' }).toMatchObject({
        anomalies: 0,
        parked: 0,
        seed,
        output: '',
      });
      expect([code, summary.kills]).toEqual([0, 4]);
      expect(summary.events).toBeGreaterThan(50);
    },
    RUN_WITHIN_MS,
  );

  it.each(['checkpoint-before-ack', 'rows-and-checkpoint-apart', 'swallowing-broker'])(
    'is found broken with a %s (control of the check)',
    async (broken) => {
      const { code, summary } = await chaos('--seconds', '9', '--seed', '3', '--broken', broken);
      expect(summary.anomalies).toBeGreaterThan(0);
      expect(code).toBe(1);
    },
    RUN_WITHIN_MS,
  );
});

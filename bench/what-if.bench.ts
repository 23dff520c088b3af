/**
 * What a what-if over recorded sign-ins costs: every sign-in of the log is read, decrypted, and judged by the rules in force and by the
 * proposed ones. The baseline, in the same process and over the same events, only reads and decrypts them. Meanwhile the event loop is
 * watched, since others are served by it. Each of the rounds does both, taking turns; medians are compared.
 * Targets: at most 3 times the baseline's CPU, no turn of the event loop above 50 ms (p99), and all of it within one answer of 60 s.
 * `npm run bench -- what-if [--sign-ins 100000] [--rounds 3] [--only embedded|postgres]`
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import {
  type PreviewedConnection,
  recordedEvents,
  recordedSignIn,
  replayed,
  SIGN_IN_EVENTS,
} from '#libs/configuration';
import type { Engine } from '#libs/platform';
import { Chronicle, connectionSettingsWith, person, provisioned, rule, signedIn } from '#libs/testing';
import { openBareEngine } from './support/engine-under-test.js';
import { machineLoad } from './support/process-usage.js';
import { runBenchmark } from './support/run-benchmark.js';
import { median, rounded, verdict } from './support/statistics.js';

const { values } = parseArgs({
  options: {
    'sign-ins': { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});
const SIGN_INS = Number(values['sign-ins']);
const ROUNDS = Number(values.rounds);
const TARGET = { ratio: 3, turnMs: 50, seconds: 60 } as const;

/** Sign-ins of one person. */
const EACH = 20;
/** People whose events are encrypted and written together. */
const AT_ONCE = 20;
/** Rules on either side, and groups of everybody. */
const RULES = 20;

const GROUPS = Array.from({ length: RULES }, (_, nth) => `group-${nth}`);
const QUERY = {
  tenant: 'acme',
  types: SIGN_IN_EVENTS,
  connection: 'okta',
  from: '2000-01-01T00:00:00.000Z',
  after: -1,
} as const;

/** Every second rule gives another role than in force. */
function side(proposed: boolean): PreviewedConnection {
  const rules = GROUPS.map((group, nth) =>
    rule(`rule-${nth}`, group, [proposed && nth % 2 === 0 ? `other-${nth}` : `role-${nth}`]),
  );
  const settings = { ...connectionSettingsWith(rules), attributes: { userName: 'nameId' } };
  const jit = { ...settings.jit, required: [], allowedDomains: [] };
  return { enabled: true, settings: { ...settings, jit }, ownedDomains: ['acme.example'], liveRoles: null };
}

async function writeLog({ store, codec }: Engine): Promise<void> {
  const people = Math.ceil(SIGN_INS / EACH);
  for (let at = 0; at < people; at += AT_ONCE) {
    const chronicle = new Chronicle();
    for (let index = at; index < Math.min(people, at + AT_ONCE); index += 1) {
      const someone = person(`Person${index}`, 'Example');
      chronicle.record(provisioned(someone));
      for (let nth = 1; nth <= EACH; nth += 1) chronicle.record(signedIn(someone, 'okta', { nth, groups: GROUPS }));
    }
    const encoded = await codec.encode(chronicle.events);
    await Promise.all(
      encoded.map((event, index) => {
        const { stream, revision } = chronicle.events[index] as (typeof chronicle.events)[number];
        return store.append(stream, revision - 1, [event]);
      }),
    );
  }
}

interface Run {
  readonly seconds: number;
  /** Of this process, seconds. */
  readonly cpu: number;
  readonly turnMs: number;
  readonly found: number;
}

async function timed(work: () => Promise<number>): Promise<Run> {
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  const [begun, used] = [performance.now(), process.cpuUsage()];
  const found = await work();
  const seconds = (performance.now() - begun) / 1000;
  delays.disable();
  const { user, system } = process.cpuUsage(used);
  return { seconds, cpu: (user + system) / 1e6, turnMs: delays.percentile(99) / 1e6, found };
}

async function bareDecode(engine: Engine): Promise<number> {
  let read = 0;
  for await (const { events } of recordedEvents(engine, QUERY)) read += events.length;
  return read;
}

async function whatIf(engine: Engine): Promise<number> {
  const [before, after] = [side(false), side(true)];
  let changed = 0;
  for await (const { events } of recordedEvents(engine, QUERY)) {
    for (const event of events) {
      const recorded = recordedSignIn(event);
      if (recorded === null || recorded === 'unreadable') continue;
      const { gained, lost } = replayed(recorded.presented, before, after);
      if (gained.length + lost.length > 0) changed += 1;
    }
  }
  return changed;
}

async function measure(name: string, engine: Engine): Promise<void> {
  await writeLog(engine);
  const [bare, judged]: [Run[], Run[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await timed(() => bareDecode(engine)));
    judged.push(await timed(() => whatIf(engine)));
  }
  const [bareS, judgedS] = [bare, judged].map((runs) => median(runs.map(({ seconds }) => seconds))) as [number, number];
  const read = bare[0]?.found ?? 0;
  if (read < SIGN_INS || judged.some(({ found }) => found !== read))
    throw new Error('Not every sign-in was replayed, or not every change was found.');
  const [bareTurnMs, turnMs] = [bare, judged].map((runs) => Math.max(...runs.map((run) => run.turnMs))) as [
    number,
    number,
  ];
  const [bareCpu, judgedCpu] = [bare, judged].map((runs) => median(runs.map(({ cpu }) => cpu))) as [number, number];
  const row = (seconds: number, cpu: number, turn: number) => ({
    seconds: rounded(seconds),
    'CPU s': rounded(cpu),
    'sign-ins/s': rounded(read / seconds, 0),
    'turn p99 ms': rounded(turn),
  });
  console.log(`\nwhat-if, ${name}; ${read} sign-ins, ${RULES} rules; load of the machine ${machineLoad()}`);
  console.table({ 'bare decode': row(bareS, bareCpu, bareTurnMs), 'what-if': row(judgedS, judgedCpu, turnMs) });
  verdict(`CPU of a what-if against bare decode, ${name}`, judgedCpu / bareCpu, TARGET.ratio, 'times');
  verdict(`turn of the event loop, p99, ${name}`, turnMs, TARGET.turnMs, 'ms');
  verdict(`${read} recorded sign-ins, ${name}`, judgedS, TARGET.seconds, 's');
}

await runBenchmark(async (afterwards) => {
  for (const kind of ['embedded', 'postgres'] as const) {
    if (values.only !== undefined && values.only !== kind) continue;
    const opened = await openBareEngine(kind, afterwards);
    if (opened) await measure(kind, opened.engine);
  }
});

/**
 * What it costs to verify one SAML response of 20 groups, and how many a second that makes: Gatebook's verifier, with all its checks, on
 * one and on two worker threads, against bare node-saml on the main thread, as users of passport-saml run it. CPU is that of the whole
 * process; all three take turns in one run. Before that both judge the same responses, honest and hostile: verdicts have to be the same,
 * else the figures would compare different things. Target: at most 0.6 of bare node-saml's CPU.
 * `npm run bench -- saml-verification [--rounds N]`
 */
import { SAML_DEFAULTS, type SamlSettings, SamlVerifier } from '#libs/federation';
import {
  buildSamlResponse,
  createIdentityProviderKey,
  encodeSamlResponse,
  type SamlResponseSpec,
} from '#libs/saml-idp';
import { readArguments } from './support/arguments.js';
import { bareNodeSaml } from './support/bare-node-saml.js';
import { hostileResponses } from './support/hostile-responses.js';
import { conditions } from './support/machine.js';
import { runBenchmark } from './support/run-benchmark.js';
import { median, rounded, verdict } from './support/statistics.js';

const TARGET = 0.6;
/** Short turns, so that all meet the same noise of the machine. */
const { numbers } = readArguments({ rounds: { default: 40, least: 1, most: 1_000 } }, []);
const RESPONSES_PER_TURN = 50;
const WARM_UP_ROUNDS = 6;
const GROUPS = 20;

/** One way of verifying. */
interface Contender {
  readonly name: string;
  /** Responses that are given to it at a time. */
  readonly atOnce: number;
  verify(samlResponse: string): Promise<unknown>;
}

/** What a turn took per response, milliseconds. */
interface Turn {
  readonly cpu: number;
  readonly elapsed: number;
}

const now = new Date();
const requestId = '_request-0123456789abcdef';
const make = (commonName: string) => createIdentityProviderKey({ commonName, now });
const [key, stranger] = await Promise.all([make('bench'), make('stranger')]);
const settings: SamlSettings = {
  ...SAML_DEFAULTS,
  connection: 'bench',
  idpEntityId: 'https://idp.example/metadata',
  ssoUrl: 'https://idp.example/sso',
  certificates: [key.certificatePem],
  spEntityId: 'https://gatebook.example/metadata',
  acsUrl: 'https://gatebook.example/acs',
  spSloUrl: 'https://gatebook.example/slo',
  allowIdpInitiated: false,
  requireSigned: 'either',
  clockSkewSeconds: 60,
  maxAssertionAgeSeconds: 300,
};
const honest: SamlResponseSpec = {
  key,
  idpEntityId: settings.idpEntityId,
  acsUrl: settings.acsUrl,
  audience: settings.spEntityId,
  requestId,
  responseId: '_response',
  assertionId: '_assertion',
  nameId: { value: 'ada' },
  attributes: [
    ...Array.from({ length: 8 }, (_, n) => ({ name: `urn:oid:2.5.4.${n}`, values: [`value number ${n}`] })),
    { name: 'groups', values: Array.from({ length: GROUPS }, (_, n) => `cn=group-${n},ou=groups,dc=acme,dc=example`) },
  ],
  now,
  sign: 'assertion',
};
const bare = bareNodeSaml(settings);
const judgedBy = (verifier: SamlVerifier) => (samlResponse: string) =>
  verifier.verify({ settings, samlResponse, pendingRequestId: requestId, now });

/** What was accepted, as text; both have to read the same person and the same values out of the same response. */
const accepted = (nameId: string, values: Iterable<readonly [string, unknown]>) =>
  JSON.stringify([nameId, Object.entries(Object.fromEntries(values)).sort()]);

async function verdictOfBare(xml: string): Promise<string> {
  const answer = await bare.validatePostResponseAsync({ SAMLResponse: encodeSamlResponse(xml) }).catch(() => null);
  if (!answer?.profile) return 'refused';
  const said = Object.entries((answer.profile['attributes'] ?? {}) as Record<string, unknown>);
  return accepted(
    answer.profile.nameID,
    said.map(([name, value]) => [name, [value].flat()] as const),
  );
}

async function verdictOfOurs(verifier: SamlVerifier, xml: string): Promise<string> {
  const assertion = await judgedBy(verifier)(encodeSamlResponse(xml)).catch(() => null);
  return assertion ? accepted(assertion.nameId.value, assertion.attributes) : 'refused';
}

/** @throws when one of the two judges otherwise than the other */
async function demandSameVerdicts(verifier: SamlVerifier): Promise<string> {
  const signs = ['assertion', 'response', 'both'] as const;
  const good = signs.map((sign) => ({
    name: `an honest one, signed: ${sign}`,
    xml: buildSamlResponse({ ...honest, sign }),
  }));
  const bad = hostileResponses({ honest, stranger });
  const comparable = bad.filter(({ refusedByEverybody }) => refusedByEverybody);
  for (const { name, xml } of [...good, ...comparable]) {
    const [ours, theirs] = [await verdictOfOurs(verifier, xml), await verdictOfBare(xml)];
    if (ours !== theirs) throw new Error(`Verdicts differ on ${name}: Gatebook ${ours}, node-saml ${theirs}.`);
    const shouldPass = good.some((one) => one.name === name);
    if (shouldPass !== (ours !== 'refused')) throw new Error(`Both judge ${name} wrongly: ${ours}.`);
  }
  const stricter = bad.filter(({ refusedByEverybody }) => !refusedByEverybody);
  for (const { name, xml } of stricter)
    if ((await verdictOfOurs(verifier, xml)) !== 'refused') throw new Error(`Gatebook accepts ${name}.`);
  return `${good.length} honest and ${comparable.length} hostile responses judged alike; ${stricter.length} more refused by Gatebook's own rules`;
}

async function turn({ verify, atOnce }: Contender, samlResponse: string): Promise<Turn> {
  const before = process.cpuUsage();
  const begun = performance.now();
  let left = RESPONSES_PER_TURN;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await verify(samlResponse);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  const elapsed = (performance.now() - begun) / RESPONSES_PER_TURN;
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1_000 / RESPONSES_PER_TURN, elapsed };
}

async function measure(contenders: readonly Contender[]): Promise<Turn[][]> {
  const samlResponse = encodeSamlResponse(buildSamlResponse(honest));
  const rounds: Turn[][] = [];
  for (let round = -WARM_UP_ROUNDS; round < numbers.rounds; round += 1) {
    const turns: Turn[] = [];
    for (const contender of contenders) turns.push(await turn(contender, samlResponse));
    if (round >= 0) rounds.push(turns);
  }
  return rounds;
}

/** The median over the rounds of what the n-th contender's turn gives, beside the first one's. */
const over = (rounds: readonly Turn[][], nth: number, value: (turn: Turn, first: Turn) => number) =>
  median(rounds.flatMap((turns) => (turns[nth] && turns[0] ? [value(turns[nth], turns[0])] : [])));

await runBenchmark(async (afterwards) => {
  console.log(`saml-verification: ${conditions(`${numbers.rounds} rounds of ${RESPONSES_PER_TURN} responses each`)}`);
  const verifiers = [1, 2].map((threads) => new SamlVerifier({ threads }));
  for (const verifier of verifiers) {
    afterwards(() => verifier.close());
    await verifier.warmUp();
  }
  const [single] = verifiers;
  if (single) console.log(`saml-verification: ${await demandSameVerdicts(single)}`);
  const contenders: Contender[] = [
    { name: 'bare node-saml', atOnce: 1, verify: (SAMLResponse) => bare.validatePostResponseAsync({ SAMLResponse }) },
    ...verifiers.map((verifier, index) => ({
      name: `Gatebook, ${index + 1} worker${index === 0 ? '' : 's'}`,
      atOnce: 2 * (index + 1), // one at work and one waiting per thread
      verify: judgedBy(verifier),
    })),
  ];
  const rounds = await measure(contenders);
  console.table(
    contenders.map(({ name }, nth) => ({
      verifier: name,
      'responses/s': rounded(1_000 / over(rounds, nth, ({ elapsed }) => elapsed)),
      'CPU ms each': rounded(
        over(rounds, nth, ({ cpu }) => cpu),
        2,
      ),
      'rate ÷ bare': rounded(
        over(rounds, nth, ({ elapsed }, first) => first.elapsed / elapsed),
        2,
      ),
      'CPU ÷ bare': rounded(
        over(rounds, nth, ({ cpu }, first) => cpu / first.cpu),
        2,
      ),
    })),
  );
  verdict(
    'CPU of a verification ÷ bare node-saml, 1 worker',
    over(rounds, 1, ({ cpu }, first) => cpu / first.cpu),
    TARGET,
    'times',
  );
});

/**
 * What it costs to verify one SAML response of 20 groups: Gatebook's verifier, with all its checks and its worker thread, against bare
 * node-saml, as users of passport-saml run it. CPU of the whole process, both in the same run, in turns.
 * Target: at most 0.6 of bare node-saml. Run after a build.
 */
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { SamlVerifier } from '#libs/federation';
import { buildSamlResponse, createIdentityProviderKey, encodeSamlResponse } from '#libs/saml-idp';

const TARGET = 0.6;
/** Short turns, so that both meet the same noise of the machine. */
const ROUNDS = 40;
const RESPONSES_PER_ROUND = 25;
const WARM_UP_ROUNDS = 12;
const now = new Date();
const requestId = '_request-0123456789abcdef';
const settings = {
  connection: 'bench',
  idpEntityId: 'https://idp.example/metadata',
  ssoUrl: 'https://idp.example/sso',
  spEntityId: 'https://gatebook.example/metadata',
  acsUrl: 'https://gatebook.example/acs',
  allowIdpInitiated: false,
  requireSigned: 'either',
  clockSkewSeconds: 60,
  maxAssertionAgeSeconds: 300,
} as const;

const key = await createIdentityProviderKey({ commonName: 'bench', now });
const attributes = Array.from({ length: 8 }, (_, n) => ({ name: `urn:oid:2.5.4.${n}`, values: [`value number ${n}`] }));
const groups = Array.from({ length: 20 }, (_, n) => `cn=group-${n},ou=groups,dc=acme,dc=example`);
const samlResponse = encodeSamlResponse(
  buildSamlResponse({
    key,
    idpEntityId: settings.idpEntityId,
    acsUrl: settings.acsUrl,
    audience: settings.spEntityId,
    requestId,
    responseId: '_response',
    assertionId: '_assertion',
    nameId: { value: 'ada' },
    attributes: [...attributes, { name: 'groups', values: groups }],
    now,
    sign: 'assertion',
  }),
);

const verifier = new SamlVerifier({ threads: 1 });
const job = {
  settings: { ...settings, certificates: [key.certificatePem] },
  samlResponse,
  pendingRequestId: requestId,
  now,
};
const bare = new SAML({
  idpCert: key.certificatePem,
  issuer: settings.spEntityId,
  callbackUrl: settings.acsUrl,
  wantAuthnResponseSigned: false,
  validateInResponseTo: ValidateInResponseTo.never,
});

const verifyBare = () => bare.validatePostResponseAsync({ SAMLResponse: samlResponse });
const verifyOurs = () => verifier.verify(job);

await verifier.warmUp();
const rounds: { bare: number; ours: number }[] = [];
for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
  const measured = { bare: await cpuPerResponse(verifyBare), ours: await cpuPerResponse(verifyOurs) };
  if (round >= 0) rounds.push(measured);
}
await verifier.close();

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const bareMs = median(rounds.map((round) => round.bare));
const oursMs = median(rounds.map((round) => round.ours));
const ratio = median(rounds.map((round) => round.ours / round.bare));
process.stdout.write(
  `saml-verification: bare node-saml ${bareMs.toFixed(2)} ms, Gatebook ${oursMs.toFixed(2)} ms CPU per response of ${groups.length} groups\n`,
);
process.stdout.write(
  `saml-verification: ratio ${ratio.toFixed(2)} (target at most ${TARGET}): ${ratio <= TARGET ? 'met' : 'missed'}\n`,
);

async function cpuPerResponse(verify: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: RESPONSES_PER_ROUND }, verify));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / RESPONSES_PER_ROUND;
}

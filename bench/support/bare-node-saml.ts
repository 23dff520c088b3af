import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import type { IdentityProviderKey } from '#libs/saml-idp';
import { answerFor, CONNECTION } from './identity-provider.js';
import { median } from './statistics.js';

const WARM_UP = 300;
const ROUNDS = 20;
const PER_ROUND = 20;

/** CPU that bare node-saml needs to validate an answer with 20 groups, as users of passport-saml run it, warm, milliseconds. */
export async function cpuOfBareValidation(key: IdentityProviderKey): Promise<number> {
  const url = 'http://localhost:3000';
  const SAMLResponse = answerFor(key, url, 'ada', '_request');
  const bare = new SAML({
    idpCert: key.certificatePem,
    issuer: `${url}/saml/${CONNECTION}/metadata`,
    callbackUrl: `${url}/saml/${CONNECTION}/acs`,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
  });
  const validate = async (times: number) => {
    const before = process.cpuUsage();
    for (let n = 0; n < times; n += 1) await bare.validatePostResponseAsync({ SAMLResponse });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000 / times;
  };
  await validate(WARM_UP);
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await validate(PER_ROUND));
  return median(rounds);
}

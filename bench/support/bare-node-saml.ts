import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import type { SamlSettings } from '#libs/federation';
import type { IdentityProviderKey } from '#libs/saml-idp';
import { CONNECTION } from './configuration.js';
import { answerFor } from './identity-provider.js';
import { median } from './statistics.js';

const WARM_UP = 300;
const ROUNDS = 20;
const PER_ROUND = 20;

/** node-saml by itself, set up as users of passport-saml do it; like Gatebook's `either` it asks for one valid signature, no matter which. */
export function bareNodeSaml({ certificates, spEntityId, acsUrl }: BareSettings): SAML {
  return new SAML({
    idpCert: [...certificates],
    issuer: spEntityId,
    callbackUrl: acsUrl,
    wantAuthnResponseSigned: false,
    wantAssertionsSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
  });
}

type BareSettings = Pick<SamlSettings, 'certificates' | 'spEntityId' | 'acsUrl'>;

/** CPU that bare node-saml needs to validate an answer with 20 groups, as users of passport-saml run it, warm, milliseconds. */
export async function cpuOfBareValidation(key: IdentityProviderKey): Promise<number> {
  const url = 'http://localhost:3000';
  const SAMLResponse = answerFor(key, url, 'ada', '_request');
  const bare = bareNodeSaml({
    certificates: [key.certificatePem],
    spEntityId: `${url}/saml/${CONNECTION}/metadata`,
    acsUrl: `${url}/saml/${CONNECTION}/acs`,
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

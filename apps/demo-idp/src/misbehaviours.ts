import { type IdentityProviderKey, NAME_ID_FORMAT, type SamlResponseSpec } from '#libs/saml-idp';
import { NothingToReplayError } from './demo-idp.errors.js';

/** An answer that was sent before. */
export interface SentAnswer {
  readonly xml: string;
  readonly assertionId: string;
}

/** What a misbehaviour may use beside the answer itself. */
export interface MisbehaviourContext {
  /** The last answer about this person to this service provider. */
  readonly last: SentAnswer | undefined;
  /** A key that no service provider was told to trust. */
  readonly strangersKey: () => Promise<IdentityProviderKey>;
}

/** One way in which an identity provider can be wrong: `spec` changes what is said, `xml` what was already signed. */
export interface Misbehaviour {
  readonly id: string;
  readonly label: string;
  /** What a careful service provider does with it. */
  readonly expect: string;
  readonly spec?: (
    spec: SamlResponseSpec,
    context: MisbehaviourContext,
  ) => SamlResponseSpec | Promise<SamlResponseSpec>;
  readonly xml?: (xml: string, context: MisbehaviourContext) => string;
}

/** A headed list, as the page shows it. */
export interface MisbehaviourGroup {
  readonly title: string;
  readonly misbehaviours: readonly Misbehaviour[];
}

const HOUR_MS = 3_600_000;

const hours = (spec: SamlResponseSpec, count: number) => new Date(spec.now.getTime() + count * HOUR_MS);
const overriding = (overrides: SamlResponseSpec['overrides']) => (spec: SamlResponseSpec) => ({
  ...spec,
  overrides: { ...spec.overrides, ...overrides },
});
const without = (name: string) => (spec: SamlResponseSpec) => ({
  ...spec,
  attributes: spec.attributes.filter((attribute) => attribute.name !== name),
});
const lastOf = ({ last }: MisbehaviourContext) => {
  if (!last) throw new NothingToReplayError();
  return last;
};

const nothing: readonly Misbehaviour[] = [
  { id: 'none', label: 'Nothing: answer correctly', expect: 'Admitted, with the details above.' },
];

const aboutThePerson: readonly Misbehaviour[] = [
  {
    id: 'no-groups',
    label: 'Say nothing about groups',
    expect: 'Admitted; roles that came from groups are kept, because unknown is not none.',
    spec: without('groups'),
  },
  {
    id: 'empty-groups',
    label: 'Say that there are no groups',
    expect: 'Admitted; roles that came from groups are taken back.',
    spec: (spec) => ({
      ...without('groups')(spec),
      attributes: [...without('groups')(spec).attributes, { name: 'groups', values: [] }],
    }),
  },
  {
    id: 'no-email',
    label: 'Leave out the e-mail address',
    expect: 'Refused where the address is required.',
    spec: without('email'),
  },
  {
    id: 'transient-subject',
    label: 'Use a new name for the person each time',
    expect: 'Refused: nobody could be known again.',
    spec: (spec) => ({ ...spec, nameId: { value: `_${spec.assertionId}`, format: NAME_ID_FORMAT.transient } }),
  },
];

const signatureAndTime: readonly Misbehaviour[] = [
  { id: 'unsigned', label: 'Do not sign', expect: 'Refused.', spec: (spec) => ({ ...spec, sign: 'none' }) },
  {
    id: 'tampered',
    label: 'Change the name after signing',
    expect: 'Refused: the signature no longer fits.',
    xml: (xml) => xml.replace('</saml:NameID>', '-changed</saml:NameID>'),
  },
  {
    id: 'strangers-key',
    label: 'Sign with a key that nobody trusts',
    expect: 'Refused.',
    spec: async (spec, { strangersKey }) => ({ ...spec, key: await strangersKey() }),
  },
  {
    id: 'sha1',
    label: 'Sign with SHA-1',
    expect: 'Refused: too weak.',
    spec: overriding({ signatureAlgorithm: 'sha1' }),
  },
  {
    id: 'expired',
    label: 'Answer an hour late',
    expect: 'Refused: expired.',
    spec: (spec) => ({ ...spec, now: hours(spec, -1) }),
  },
  {
    id: 'not-yet-valid',
    label: 'Answer an hour early',
    expect: 'Refused: not valid yet.',
    spec: (spec) => ({ ...spec, now: hours(spec, 1) }),
  },
];

const whoItIsFor: readonly Misbehaviour[] = [
  {
    id: 'wrong-audience',
    label: 'Address another application',
    expect: 'Refused: wrong audience.',
    spec: (spec) => ({ ...spec, audience: 'https://another-application.example/metadata' }),
  },
  {
    id: 'wrong-recipient',
    label: 'Name another recipient',
    expect: 'Refused.',
    spec: overriding({ recipient: 'https://another-application.example/acs' }),
  },
  {
    id: 'wrong-destination',
    label: 'Name another destination',
    expect: 'Refused.',
    spec: overriding({ destination: 'https://another-application.example/acs' }),
  },
  {
    id: 'wrong-issuer',
    label: 'Speak for another identity provider',
    expect: 'Refused.',
    spec: overriding({
      issuer: 'https://another-provider.example/metadata',
      responseIssuer: 'https://another-provider.example/metadata',
    }),
  },
  {
    id: 'other-request',
    label: 'Answer a request that nobody made',
    expect: 'Refused.',
    spec: (spec) => ({ ...spec, requestId: '_a-request-that-nobody-made' }),
  },
  {
    id: 'unsolicited',
    label: 'Answer without naming the request',
    expect: 'Refused unless the identity provider may start sign-ins.',
    spec: (spec) => ({ ...spec, requestId: undefined, sign: 'both' }),
  },
  {
    id: 'failed-status',
    label: 'Say that signing in failed, and send an assertion all the same',
    expect: 'Refused.',
    spec: overriding({ statusCode: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }),
  },
  {
    id: 'replay',
    label: 'Send the last answer about this person again',
    expect: 'Refused: it was used.',
    xml: (_xml, context) => lastOf(context).xml,
  },
  {
    id: 'reused-id',
    label: 'Give a new answer the last one’s assertion id',
    expect: 'Refused: the id was used.',
    spec: (spec, context) => ({ ...spec, assertionId: lastOf(context).assertionId }),
  },
];

/** Everything that the demo can do wrong; the page offers these, and the tests run each. */
export const misbehaviourGroups: readonly MisbehaviourGroup[] = [
  { title: 'What to do wrong', misbehaviours: nothing },
  { title: 'What it says about the person', misbehaviours: aboutThePerson },
  { title: 'Signature and time', misbehaviours: signatureAndTime },
  { title: 'Whom it is for, and how often', misbehaviours: whoItIsFor },
];

export const misbehaviours: readonly Misbehaviour[] = misbehaviourGroups.flatMap((group) => group.misbehaviours);

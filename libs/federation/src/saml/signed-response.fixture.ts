import { SignedXml } from 'xml-crypto';
import {
  type AssertionEncryption,
  buildSamlResponse,
  createIdentityProviderKey,
  encryptedAssertion,
  type IdentityProviderKey,
  type SamlResponseSpec,
} from '#libs/saml-idp';
import { SAML_DEFAULTS, type SamlSettings } from './saml-settings.js';
import type { VerificationJob } from './verification.js';

const NOW = new Date('2026-03-01T08:00:00.000Z');
/** Ids in every fixture. */
export const REQUEST_ID = '_request-0123456789abcdef';
export const ASSERTION_ID = '_assertion-1';
export const RESPONSE_ID = '_response-1';

/** A document as an identity provider writes it, before and after it is signed. */
export interface Writing {
  readonly spec?: Partial<SamlResponseSpec>;
  /** What is changed before signing: the identity provider itself says something odd. */
  readonly say?: (xml: string) => string;
  /** What is changed after signing: somebody else says it. */
  readonly forge?: (xml: string) => string;
  readonly sign?: 'assertion' | 'response' | 'both' | 'none';
  /** Encrypts the assertion after it was signed, and before the response is. For us by default. */
  readonly encrypt?: Partial<AssertionEncryption>;
  /** What is changed after the encryption and before the response is signed around it. */
  readonly wrap?: (xml: string) => string;
  readonly key?: IdentityProviderKey;
}

/** An identity provider and a connection that trusts it; every test says only what differs. */
export class IdentityProviderFixture {
  readonly now = NOW;

  private constructor(
    readonly key: IdentityProviderKey,
    readonly stranger: IdentityProviderKey,
    /** Our own: what assertions are encrypted for and requests signed with. */
    readonly own: IdentityProviderKey,
  ) {}

  static async create(): Promise<IdentityProviderFixture> {
    const make = (commonName: string) => createIdentityProviderKey({ commonName, now: NOW });
    return new IdentityProviderFixture(await make('idp'), await make('stranger'), await make('own'));
  }

  settings(differing: Partial<SamlSettings> = {}): SamlSettings {
    return {
      ...SAML_DEFAULTS,
      connection: 'okta',
      idpEntityId: 'https://idp.example/metadata',
      ssoUrl: 'https://idp.example/sso',
      certificates: [this.key.certificatePem],
      spEntityId: 'https://gatebook.example/saml/okta/metadata',
      acsUrl: 'https://gatebook.example/saml/okta/acs',
      spSloUrl: 'https://gatebook.example/saml/okta/slo',
      allowIdpInitiated: false,
      requireSigned: 'either',
      clockSkewSeconds: 60,
      maxAssertionAgeSeconds: 300,
      ...differing,
    };
  }

  /** Writes, says, signs the assertion, encrypts it, signs the response, forges: in this order. */
  write({
    spec = {},
    say = same,
    forge = same,
    sign = 'assertion',
    key = this.key,
    ...encryption
  }: Writing = {}): string {
    const plain = say(this.unsigned(spec, key));
    const signed = sign === 'assertion' || sign === 'both' ? signElement(plain, 'assertion', key) : plain;
    const sealed = this.encrypted(signed, encryption);
    return forge(sign === 'response' || sign === 'both' ? signElement(sealed, 'response', key) : sealed);
  }

  /** The document without any signature. */
  private unsigned(spec: Partial<SamlResponseSpec>, key: IdentityProviderKey): string {
    const { idpEntityId, acsUrl, spEntityId } = this.settings();
    return buildSamlResponse({
      key,
      idpEntityId,
      acsUrl,
      audience: spEntityId,
      requestId: REQUEST_ID,
      responseId: RESPONSE_ID,
      assertionId: ASSERTION_ID,
      nameId: { value: 'ada' },
      attributes: [
        { name: 'email', values: ['ada@acme.example'] },
        { name: 'groups', values: ['Engineering', 'crm-admins'] },
      ],
      now: NOW,
      sessionIndex: 's-1',
      ...spec,
      sign: 'none',
    });
  }

  private encrypted(xml: string, { encrypt, wrap = same }: Pick<Writing, 'encrypt' | 'wrap'>): string {
    if (!encrypt) return xml;
    const { certificatePem } = this.own;
    return wrap(
      xml.replace(ASSERTION_XML, (assertion) => encryptedAssertion(assertion, { certificatePem, ...encrypt })),
    );
  }

  /** The job that the gate would give for this document. */
  job(xml: string, differing: Partial<VerificationJob> = {}): VerificationJob {
    const samlResponse = Buffer.from(xml, 'utf8').toString('base64');
    return { settings: this.settings(), samlResponse, pendingRequestId: REQUEST_ID, now: NOW, ...differing };
  }
}

const same = (xml: string) => xml;
const ASSERTION_XML = /<saml:Assertion.*<\/saml:Assertion>/s;

/** Signs the Assertion or the Response of a document with RSA-SHA256, as identity providers do: after the Issuer, with the certificate. */
export function signElement(xml: string, part: string, key: IdentityProviderKey): string {
  const path = part === 'response' ? '/*' : "/*/*[local-name(.)='Assertion']";
  const signature = new SignedXml({
    privateKey: key.privateKeyPem,
    publicCert: key.certificatePem,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  signature.addReference({
    xpath: path,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signature.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `${path}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signature.getSignedXml();
}

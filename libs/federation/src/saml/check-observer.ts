/** The checks that a response goes through, in the order in which they are made. */
export const SAML_CHECKS = [
  'encoding',
  'xml',
  'structure',
  'status',
  'algorithms',
  'encryption',
  'signature',
  'issuer',
  'destination',
  'conditions',
  'audience',
  'age',
  'subject-confirmation',
  'in-response-to',
  'authentication',
  'name-id',
  'attributes',
] as const;

/** One of {@link SAML_CHECKS}. */
export type SamlCheck = (typeof SAML_CHECKS)[number];

/** Is told which check begins; those before it have passed. */
export type CheckObserver = (check: SamlCheck) => void;

/** For verifications that nobody watches. */
export const beginNothing: CheckObserver = () => undefined;

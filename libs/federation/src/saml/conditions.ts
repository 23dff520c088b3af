import { demand } from './saml-refused.error.js';
import { ASSERTION, childrenOf, instantOf, onlyChild, required, trimmedText } from './saml-xml.js';
import type { ValidityClock } from './validity-clock.js';
import type { XmlElement } from './xml-element.js';

/**
 * `OneTimeUse` is kept by the replay check, which every assertion passes. `ProxyRestriction` limits who may issue further assertions
 * from this one, which Gatebook does not.
 */
const UNDERSTOOD = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'];

/**
 * Checks that the assertion holds now and for this service provider, and that it sets no condition that Gatebook does not understand
 * (SAML Core 2.5.1: such an assertion is invalid). Each audience restriction has to name us.
 * @returns when the conditions end, in milliseconds
 * @throws {Refusal} `missing-conditions`, `unsupported-condition`, `not-yet-valid`, `expired`, `wrong-audience`
 */
export function checkConditions(assertion: XmlElement, audience: string, clock: ValidityClock): number {
  const conditions = required(
    onlyChild(assertion, ASSERTION, 'Conditions'),
    'missing-conditions',
    'The assertion sets no conditions.',
  );
  const end = required(
    instantOf(conditions, 'NotOnOrAfter'),
    'missing-conditions',
    'The assertion does not say when it ends.',
  );
  const understood = conditions.children.every(
    ({ namespace, local }) => namespace === ASSERTION && UNDERSTOOD.includes(local),
  );
  demand(understood, 'unsupported-condition', 'The assertion sets a condition that Gatebook does not know.');
  clock.demandBegun(instantOf(conditions, 'NotBefore') ?? Number.NEGATIVE_INFINITY);
  clock.demandNotPassed(end);
  const restrictions = childrenOf(conditions, ASSERTION, 'AudienceRestriction');
  const forUs = restrictions.length > 0 && restrictions.every((restriction) => names(restriction, audience));
  demand(
    forUs,
    'wrong-audience',
    'The assertion is for another service provider. Compare spEntityId with the identity provider.',
  );
  return end;
}

function names(restriction: XmlElement, audience: string): boolean {
  return childrenOf(restriction, ASSERTION, 'Audience').some((element) => trimmedText(element) === audience);
}

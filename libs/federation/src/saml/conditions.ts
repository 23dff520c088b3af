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
 * Checks that the assertion holds now, and that it sets no condition that Gatebook does not understand (SAML Core 2.5.1: such an
 * assertion is invalid).
 * @throws {Refusal} `missing-conditions`, `unsupported-condition`, `not-yet-valid`, `expired`
 */
export function checkConditions(assertion: XmlElement, clock: ValidityClock): void {
  const conditions = conditionsOf(assertion);
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
}

/**
 * Checks that the assertion is for this service provider: each audience restriction has to name us, and there has to be one.
 * @throws {Refusal} `missing-conditions`, `wrong-audience`
 */
export function checkAudience(assertion: XmlElement, audience: string): void {
  const restrictions = childrenOf(conditionsOf(assertion), ASSERTION, 'AudienceRestriction');
  const forUs = restrictions.length > 0 && restrictions.every((restriction) => names(restriction, audience));
  demand(
    forUs,
    'wrong-audience',
    'The assertion is for another service provider. Compare spEntityId with the identity provider.',
  );
}

/** When the conditions end, in milliseconds; `undefined` when they do not say. */
export function endOfConditions(assertion: XmlElement): number | undefined {
  return instantOf(conditionsOf(assertion), 'NotOnOrAfter');
}

function conditionsOf(assertion: XmlElement): XmlElement {
  const conditions = onlyChild(assertion, ASSERTION, 'Conditions');
  return required(conditions, 'missing-conditions', 'The assertion sets no conditions.');
}

function names(restriction: XmlElement, audience: string): boolean {
  return childrenOf(restriction, ASSERTION, 'Audience').some((element) => trimmedText(element) === audience);
}

import { demand, Refusal } from './saml-refused.error.js';
import type { SamlSettings } from './saml-settings.js';
import { ASSERTION, childrenOf, instantOf, onlyChild, required } from './saml-xml.js';
import type { ValidityClock } from './validity-clock.js';
import type { XmlElement } from './xml-element.js';

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
/** Identity providers send one; a few send one per endpoint. */
const CONFIRMATIONS_MAX = 10;

/** Data of all subject confirmations, whatever their method. */
export function confirmationData(assertion: XmlElement): readonly XmlElement[] {
  return confirmationsOf(assertion).flatMap((each) => childrenOf(each, ASSERTION, 'SubjectConfirmationData'));
}

/**
 * Finds the bearer confirmations that let whoever delivers this assertion here and now act as its subject (SAML Profiles 4.1.4.3).
 * One that holds is enough; if none does, the first one says why.
 * @returns the data of the confirmations that hold, at least one
 * @throws {Refusal} `missing-subject-confirmation`, `wrong-recipient`, `expired`, `not-yet-valid`
 */
export function checkSubjectConfirmation(
  assertion: XmlElement,
  { acsUrl }: SamlSettings,
  clock: ValidityClock,
): readonly XmlElement[] {
  const data = confirmationsOf(assertion)
    .filter(({ attributes }) => attributes.get('Method') === BEARER)
    .map((confirmation) => onlyChild(confirmation, ASSERTION, 'SubjectConfirmationData'))
    .filter((each) => each !== undefined);
  const problems = data.map((each) => problemOf(each, acsUrl, clock));
  const holding = data.filter((_, index) => problems[index] === undefined);
  if (holding.length > 0) return holding;
  throw problems[0] ?? new Refusal('missing-subject-confirmation', 'The assertion has no bearer confirmation.');
}

function confirmationsOf(assertion: XmlElement): readonly XmlElement[] {
  const subject = onlyChild(assertion, ASSERTION, 'Subject');
  const confirmations = subject ? childrenOf(subject, ASSERTION, 'SubjectConfirmation') : [];
  const few = confirmations.length <= CONFIRMATIONS_MAX;
  demand(few, 'malformed-response', 'The assertion has too many subject confirmations.');
  return confirmations;
}

function problemOf(data: XmlElement, acsUrl: string, clock: ValidityClock): Refusal | undefined {
  try {
    demand(
      data.attributes.get('Recipient') === acsUrl,
      'wrong-recipient',
      'The assertion was meant for another address. Compare the ACS URL.',
    );
    const end = required(
      instantOf(data, 'NotOnOrAfter'),
      'missing-subject-confirmation',
      'The bearer confirmation does not say when it ends.',
    );
    clock.demandNotPassed(end);
    clock.demandBegun(instantOf(data, 'NotBefore') ?? Number.NEGATIVE_INFINITY);
    return undefined;
  } catch (problem) {
    if (problem instanceof Refusal) return problem;
    throw problem;
  }
}

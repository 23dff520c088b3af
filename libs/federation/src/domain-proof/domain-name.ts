import { domainToASCII } from 'node:url';
import { DomainError } from '#libs/kernel';

/** A text is not the name of a domain that somebody could own. */
export class DomainNameError extends DomainError {
  readonly code = 'domain-name-invalid';
  readonly kind = 'invalid';
  constructor() {
    super('This is not the name of a domain. Write it as in an e-mail address after the @, like acme.example.');
  }
}

/** RFC 1035 2.3.4. The challenge's own label takes its share of it. */
const NAME_LENGTH_MAX = 253;
const CHALLENGE_LABEL = '_gatebook-challenge';
/** RFC 1123 2.1: letters, digits and inner hyphens, at most 63. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** What would make it a URL or an address, of which a parser of URLs would quietly take a part. */
const NOT_IN_NAMES = /[\s/\\?#@:[\]%]/;

/**
 * Writes the name of a domain in its one form: lower case, A-labels (`bücher.example` becomes `xn--bcher-kva.example`), no final dot.
 * @throws {DomainNameError} for an address, a single label, or what is no name
 * @see RFC 5890 2.3.2.1 (A-label)
 */
export function domainName(text: string): string {
  const written = text.trim().replace(/\.$/, '');
  const name = written.length > NAME_LENGTH_MAX || NOT_IN_NAMES.test(written) ? '' : domainToASCII(written);
  const labels = name.split('.');
  const isName = labels.length >= 2 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
  if (!isName || challengeNameOf(name).length > NAME_LENGTH_MAX) throw new DomainNameError();
  return name;
}

/** Where the record that proves ownership is looked for: a name of its own, so that no other use of the domain is touched. @see RFC 8552 */
export const challengeNameOf = (domain: string): string => `${CHALLENGE_LABEL}.${domain}`;

import { demand, Refusal } from './saml-refused.error.js';
import { parseXml, type XmlElement, XmlLimitError, type XmlLimits } from './xml-element.js';

const XML_DECLARATION =
  /^<\?xml\s+version=(["'])1\.0\1(\s+encoding=(["'])(utf-8|us-ascii)\3)?(\s+standalone=(["'])(yes|no)\6)?\s*\?>/i;

/**
 * Parses what a stranger sent, and refuses what parsers disagree about, before any of them sees it: comments, CDATA, DOCTYPE,
 * processing instructions, other encodings. One linear pass over the text and one over a bounded tree.
 * @throws {Refusal} `hostile-xml` or `malformed-response`
 */
export function parseGuarded(xml: string, limits: XmlLimits): XmlElement {
  checkText(xml, limits);
  try {
    return parseXml(xml, limits);
  } catch (cause) {
    if (cause instanceof XmlLimitError) throw new Refusal('hostile-xml', cause.message);
    throw new Refusal('malformed-response', 'The message is not well-formed XML.');
  }
}

/** Parsers differ in what they make of comments, CDATA, DOCTYPE and processing instructions, so none of them may occur. */
function checkText(xml: string, limits: XmlLimits): void {
  const body = xml.replace(XML_DECLARATION, '');
  const declaredOtherwise = /^\s*<\?xml\s/i.test(body);
  demand(!/<!/.test(body), 'hostile-xml', 'Comments, CDATA and DOCTYPE are not allowed in a SAML message.');
  demand(!declaredOtherwise, 'malformed-response', 'The message is not XML 1.0 in UTF-8.');
  demand(!/<\?/.test(body), 'hostile-xml', 'Processing instructions are not allowed in a SAML message.');
  checkTags(body, limits);
}

/**
 * Bounds the attributes of each element before a parser, whose time grows with their square, sees them,
 * and refuses `<` inside of them, which parsers forgive and XML forbids.
 */
function checkTags(body: string, { attributesPerElement }: XmlLimits): void {
  let inTag = false;
  let quote = '';
  let values = 0;
  for (const [mark] of body.matchAll(/[<>"']/g)) {
    if (quote) {
      demand(mark !== '<', 'malformed-response', 'The message is not well-formed XML.');
      if (mark === quote) quote = '';
    } else if (mark === '<' || mark === '>') {
      inTag = mark === '<';
      values = 0;
    } else if (inTag) {
      quote = mark;
      values += 1;
      demand(values <= attributesPerElement, 'hostile-xml', 'An element has too many attributes.');
    }
  }
}

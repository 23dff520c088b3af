const COMMON_NAME = /^(?:cn|2\.5\.4\.3)$/i;
const ESCAPED = /\\(?:((?:[0-9a-f]{2})(?:\\[0-9a-f]{2})*)|(.))/gis;

/**
 * The value of the first common name of a distinguished name (RFC 4514), unescaped; null when the text is none or has no common name.
 * Linear in the text. A value in hexadecimal BER form (`#…`) or with escapes that are no UTF-8 counts as none.
 */
export function firstCommonName(dn: string): string | null {
  let rest = dn;
  while (rest !== '') {
    const end = endOfAttribute(rest);
    const attribute = rest.slice(0, end);
    const equals = attribute.indexOf('=');
    if (equals < 1) return null;
    if (COMMON_NAME.test(attribute.slice(0, equals).trim())) return unescaped(attribute.slice(equals + 1));
    rest = rest.slice(end + 1);
  }
  return null;
}

/** Where the first attribute ends: at a comma or plus sign that is not escaped. */
function endOfAttribute(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ',' || text[at] === '+') return at;
  }
  return text.length;
}

function unescaped(value: string): string | null {
  const text = trimmed(value);
  if (text === '' || text.startsWith('#')) return null;
  try {
    return text.replace(ESCAPED, (_, hex?: string, character?: string) => (hex ? utf8(hex) : (character ?? '')));
  } catch {
    return null;
  }
}

/** Without blanks around it; an escaped one at the end belongs to the value. */
function trimmed(value: string): string {
  const text = value.trim();
  const escapes = /\\*$/.exec(text)?.[0].length ?? 0;
  return escapes % 2 === 0 ? text : `${text} `;
}

/** @throws {TypeError} when the octets are no UTF-8 */
function utf8(escapes: string): string {
  const octets = escapes.split('\\').map((octet) => Number.parseInt(octet, 16));
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(octets));
}

/** One change of a document: what, at which of its parts, with what. Positions are taken modulo the number of parts. */
export interface Mutation {
  readonly how:
    | 'drop'
    | 'double'
    | 'swap'
    | 'move'
    | 'nest'
    | 'text'
    | 'attribute'
    | 'unattribute'
    | 'insert'
    | 'prefix'
    | 'flip';
  readonly at: number;
  readonly to: number;
  readonly what: string;
}

/** The ways to change something; the likelier ones twice. */
export const HOWS: readonly Mutation['how'][] = [
  'drop',
  'double',
  'swap',
  'move',
  'nest',
  'text',
  'text',
  'attribute',
  'attribute',
  'unattribute',
  'insert',
  'prefix',
  'flip',
];

/** Things that parsers, canonicalisers and people have been surprised by. */
export const WORDS = [
  '',
  ' ',
  '\n  ',
  'eve',
  'ada',
  '&amp;',
  '&lt;a&gt;',
  '&#10;',
  '&#x41;',
  '&#13;',
  'é',
  '🗝️',
  '\u00a0',
  '\u0085',
  '\u2028',
  '<!-- c -->',
  '<!---->',
  '<?p i?>',
  '<![CDATA[ada]]>',
  '<a/>',
  '<a xmlns="urn:x">b</a>',
  '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">eve</saml:NameID>',
  '2026-03-01T07:00:00Z',
  '2026-03-01T09:00:00+01:00',
  '2030-01-01T00:00:00',
  'https://gatebook.example/saml/okta/acs',
  'https://other.example',
  '_assertion-1',
  '_response-1',
  '_request-0123456789abcdef',
  '__proto__',
  'constructor',
  '&undefined;',
  '<',
  '&',
  ']]>',
];

/** Attributes that mean something somewhere. */
export const ATTRIBUTES = [
  'ID="_assertion-1"',
  'Id="_x"',
  'id="_response-1"',
  'xml:id="_y"',
  'Name="groups"',
  'Name="__proto__"',
  'Version="2.0"',
  'InResponseTo="_x"',
  'InResponseTo="_request-0123456789abcdef"',
  'NotOnOrAfter="2020-01-01T00:00:00Z"',
  'Recipient="https://other.example"',
  'xmlns:x="urn:x"',
  'xmlns:x="./relative"',
  'xmlns=""',
  'xmlns="urn:y"',
  'xmlns:saml="urn:z"',
  'xml:space="preserve"',
  'a="&#10;b&#9;"',
  "b='\"'",
  'xsi:nil="true"',
];

/** The document with the mutations made, one after the other. */
export function mutated(xml: string, mutations: readonly Mutation[]): string {
  return mutations.reduce((text, each) => mutate(text.match(/<[^>]*>|[^<]+/g) ?? [], each).join(''), xml);
}

function mutate(parts: readonly string[], { how, at, to, what }: Mutation): readonly string[] {
  const one = at % Math.max(1, parts.length);
  const other = to % Math.max(1, parts.length);
  const part = parts[one] ?? '';
  const attribute = ATTRIBUTES.includes(what) ? what : 'a="1"';
  const changes: Record<Mutation['how'], () => readonly string[]> = {
    drop: () => without(parts, one),
    double: () => parts.toSpliced(other, 0, ...elementAt(parts, one)),
    swap: () => parts.with(one, parts[other] ?? '').with(other, part),
    move: () => without(parts, one).toSpliced(other, 0, ...elementAt(parts, one)),
    nest: () =>
      parts.toSpliced(one, elementAt(parts, one).length, '<saml:Advice>', ...elementAt(parts, one), '</saml:Advice>'),
    text: () => parts.with(textNear(parts, one), what),
    attribute: () => parts.with(one, part.replace(/^<[^/?!\s>]+/, `$& ${attribute}`)),
    unattribute: () => parts.with(one, part.replace(/ [\w:]+="[^"]*"/, '')),
    insert: () => parts.toSpliced(one, 0, what),
    prefix: () => parts.with(one, part.replace(/^(<\/?)\w+:/, '$1')),
    flip: () => parts.with(one, flipped(part, to)),
  };
  return changes[how]();
}

/** The element that begins at a part, to its end; other parts stand for themselves. */
function elementAt(parts: readonly string[], begin: number): readonly string[] {
  let depth = 0;
  for (let index = begin; index < parts.length; index += 1) {
    const part = parts[index] ?? '';
    if (/^<[^/?!]/.test(part) && !part.endsWith('/>')) depth += 1;
    if (part.startsWith('</')) depth -= 1;
    if (depth <= 0) return parts.slice(begin, index + 1);
  }
  return parts.slice(begin, begin + 1);
}

const without = (parts: readonly string[], one: number) => parts.toSpliced(one, elementAt(parts, one).length);

function textNear(parts: readonly string[], one: number): number {
  const index = parts.findIndex((part, at) => at >= one && !part.startsWith('<'));
  return index < 0 ? one : index;
}

function flipped(part: string, to: number): string {
  const index = to % Math.max(1, part.length);
  const code = part.charCodeAt(index) || 0x61;
  return part.slice(0, index) + String.fromCharCode(code ^ 1) + part.slice(index + 1);
}

/** Characters of a line, beyond which a list or object takes several. */
const LINE_MAX = 140;

/**
 * Writes a value as JSON for people: what fits into a line stands in one, everything else one member a line. Parsed, it is the same value.
 * @param value as JSON can hold it
 */
export function jsonForReading(value: unknown, indent = ''): string {
  const line = inOneLine(value);
  if (typeof value !== 'object' || value === null || indent.length + line.length <= LINE_MAX) return line;
  const deeper = `${indent}  `;
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const members = Array.isArray(value)
    ? value.map((one) => `${deeper}${jsonForReading(one, deeper)}`)
    : kept(value).map(([name, one]) => `${deeper}${JSON.stringify(name)}: ${jsonForReading(one, deeper)}`);
  return `${open}\n${members.join(',\n')}\n${indent}${close}`;
}

function inOneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
  const members = kept(value).map(([name, one]) => `${JSON.stringify(name)}: ${inOneLine(one)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const kept = (value: object) => Object.entries(value).filter(([, one]) => one !== undefined);

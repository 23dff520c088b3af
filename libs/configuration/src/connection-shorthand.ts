import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { findPreset, PRESET_NAMES } from '#libs/federation';

type Keys = Readonly<Record<string, unknown>>;
type Report = (path: readonly PropertyKey[], problem: string) => void;

/** Keys below which a preset is overridden as a whole, and not part by part: an expression, a subject, a list. */
const WHOLE: ReadonlySet<string> = new Set(['subject']);

/** Digits of a derived id: enough to tell the rules of one connection apart. */
const ID_DIGITS = 8;

/**
 * Writes a connection out: what its preset says and it does not, `metadataUrl` as what it is short for, and an id for each admission rule that
 * has none (it follows from the condition). What is not of the expected shape is left for the schema to refuse.
 */
export function writtenOut(value: unknown, report: Report, { presets = true } = {}): unknown {
  if (!isKeys(value)) return value;
  return withRuleIds(withMetadata(presets ? withPreset(value, report) : value));
}

function withPreset(connection: Keys, report: Report): Keys {
  const { preset: name } = connection;
  if (typeof name !== 'string') return connection;
  const preset = findPreset(name);
  if (!preset) {
    report(['preset'], `${name} is not a preset; there are ${PRESET_NAMES.join(', ')}`);
    return connection;
  }
  const { protocol } = connection;
  if (protocol !== undefined && protocol !== preset.protocol)
    report(['preset'], `${name} is a preset for ${preset.protocol}, and the protocol is ${String(protocol)}`);
  return laidOver({ protocol: preset.protocol, ...preset.settings }, connection, 0);
}

/** Groups of keys are joined two levels deep; deeper there are values. */
function laidOver(below: Keys, above: Keys, depth: number): Keys {
  const joined = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const under = joined.get(key);
    const join = depth === 0 && !WHOLE.has(key) && isKeys(under) && isKeys(value);
    joined.set(key, join ? laidOver(under, value, depth + 1) : value);
  }
  return Object.fromEntries(joined);
}

function withMetadata(connection: Keys): Keys {
  const { saml } = connection;
  if (!isKeys(saml) || !('metadataUrl' in saml)) return connection;
  const { metadataUrl: url, ...rest } = saml;
  return { ...connection, saml: { ...rest, metadata: { url, ...(isKeys(rest['metadata']) ? rest['metadata'] : {}) } } };
}

function withRuleIds(connection: Keys): Keys {
  const { admission } = connection;
  if (!isKeys(admission)) return connection;
  const named = (kind: 'allow' | 'refuse') => (kind in admission ? { [kind]: idsFor(kind, admission[kind]) } : {});
  return { ...connection, admission: { ...admission, ...named('allow'), ...named('refuse') } };
}

function idsFor(kind: string, rules: unknown): unknown {
  if (!Array.isArray(rules)) return rules;
  return rules.map((rule) =>
    isKeys(rule) && !('id' in rule) ? { id: `${kind}-${digestOf(rule['when'])}`, ...rule } : rule,
  );
}

function digestOf(condition: unknown): string {
  return createHash('sha256')
    .update(canonicalize(condition) ?? '')
    .digest('hex')
    .slice(0, ID_DIGITS);
}

const isKeys = (value: unknown): value is Keys => typeof value === 'object' && value !== null && !Array.isArray(value);

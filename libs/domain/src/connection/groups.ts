import type { ConnectionSettings } from '#libs/contracts';
import type { Claims } from './claims.js';
import { firstCommonName } from './distinguished-names.js';
import { partsOf, VALUES_MAX } from './expressions.js';

/** Groups as the source stated them. Unknown is not none: it takes nothing back. */
export type Groups = { readonly known: true; readonly values: ReadonlySet<string> } | { readonly known: false };

type GroupSettings = ConnectionSettings['groups'];

const UNKNOWN: Groups = { known: false };

/**
 * The groups that claims name: cut (`split`), stripped, brought into their form, named. Present without a value: no groups. Absent: what the
 * connection says, `unknown` unless it says otherwise. More than `VALUES_MAX` after cutting are unknown, since a part of them would take away.
 */
export function groupsOf(settings: GroupSettings, claims: Claims): Groups {
  const stated = claims.get(settings.attribute);
  if (stated === undefined) return settings.whenMissing === 'none' ? { known: true, values: new Set() } : UNKNOWN;
  const values = new Set<string>();
  let count = 0;
  for (const value of stated) {
    for (const part of settings.split === null ? [value] : partsOf(value, settings.split)) {
      count += 1;
      if (count > VALUES_MAX) return UNKNOWN;
      const group = groupNamed(settings, part);
      if (group !== '') values.add(group);
    }
  }
  return { known: true, values };
}

function groupNamed({ strip, form, names }: GroupSettings, value: string): string {
  const stripped = strip !== null && value.startsWith(strip) ? value.slice(strip.length) : value;
  const group = form === 'dn' ? (firstCommonName(stripped) ?? stripped) : form === 'path' ? leafOf(stripped) : stripped;
  return Object.hasOwn(names, group) ? (names[group] as string) : group;
}

function leafOf(path: string): string {
  const whole = path.endsWith('/') ? path.slice(0, -1) : path;
  return whole.slice(whole.lastIndexOf('/') + 1);
}

import type { ConnectionSettings, Profile } from '#libs/contracts';
import type { OfferedValue } from '../connection/conditions.js';
import { STANDARD_ATTRIBUTES } from '../connection/offered-attributes.js';

/** Attribute → sources in order of authority; an attribute that is not named follows whoever states it last. */
export type Authority = Readonly<Record<string, readonly string[]>>;

/** What a profile becomes when a source states attributes. */
export interface MergedProfile {
  readonly profile: Profile;
  readonly changed: readonly string[];
  /** Attributes that the source stated differently and another source kept. */
  readonly lost: readonly { readonly attribute: string; readonly to: string }[];
}

const EMPTY: Profile = {
  userName: '',
  displayName: null,
  givenName: null,
  familyName: null,
  email: null,
  externalId: null,
  employeeNumber: null,
  employeeType: null,
  title: null,
  department: null,
  costCenter: null,
  manager: null,
  attributes: {},
};

const STANDARD: ReadonlySet<string> = new Set(STANDARD_ATTRIBUTES);

/** The profile of a new account: what the source offers and nothing else. */
export function newProfile(offered: ReadonlyMap<string, OfferedValue>): Profile {
  return [...offered].reduce((profile, [attribute, value]) => withAttribute(profile, attribute, value), EMPTY);
}

/**
 * Merges what a source offers into a profile: attributes that the source did not mention stay; `fillEmpty` touches only empty ones;
 * an attribute with an order of authority changes only for a source that ranks no lower than the one that stated it.
 */
export function mergeProfile(
  profile: Profile,
  offered: ReadonlyMap<string, OfferedValue>,
  by: {
    source: string;
    update: ConnectionSettings['jit']['update'];
    authority: Authority;
    statedBy: ReadonlyMap<string, string>;
  },
): MergedProfile {
  const changed: string[] = [];
  const lost: { attribute: string; to: string }[] = [];
  let merged = profile;
  if (by.update === 'never') return { profile, changed, lost };
  for (const [attribute, value] of offered) {
    const current = currentValue(profile, attribute);
    if (sameValue(current, value) || (attribute === 'userName' && !value)) continue;
    if (by.update === 'fillEmpty' && !isEmpty(current)) continue;
    const owner = by.statedBy.get(attribute);
    if (owner !== undefined && ranksBelow(by.source, owner, by.authority[attribute])) {
      lost.push({ attribute, to: owner });
      continue;
    }
    merged = withAttribute(merged, attribute, value);
    changed.push(attribute);
  }
  return { profile: merged, changed, lost };
}

function currentValue(profile: Profile, attribute: string): OfferedValue {
  if (STANDARD.has(attribute)) return profile[attribute as keyof Omit<Profile, 'attributes'>];
  return Object.hasOwn(profile.attributes, attribute) ? (profile.attributes[attribute] ?? null) : null;
}

function withAttribute(profile: Profile, attribute: string, value: OfferedValue): Profile {
  if (STANDARD.has(attribute)) return { ...profile, [attribute]: value };
  const { [attribute]: _replaced, ...others } = profile.attributes;
  const values = typeof value === 'string' ? [value] : [...(value ?? [])];
  return { ...profile, attributes: values.length > 0 ? { ...others, [attribute]: values } : others };
}

const isEmpty = (value: OfferedValue): boolean => value === null || value.length === 0;

function sameValue(a: OfferedValue, b: OfferedValue): boolean {
  return (isEmpty(a) && isEmpty(b)) || JSON.stringify(a) === JSON.stringify(b);
}

function ranksBelow(source: string, owner: string, order: readonly string[] | undefined): boolean {
  if (!order || source === owner) return false;
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return rank(source) > rank(owner);
}

import type { ConnectionSettings } from '#libs/contracts';
import { sameJson } from '../changed-paths.js';
import type { ConnectionAsWritten } from './connection.commands.js';

type Settings = ConnectionSettings | ConnectionAsWritten;
type Said = readonly (readonly [path: string, value: unknown])[];

const BLOCKS = ['saml', 'oidc', 'oauth2', 'jwt'] as const;

/** Keys of a protocol's block that change how a source is asked, and neither who answers nor what is believed of the answer. */
const ONLY_ASKS: ReadonlySet<string> = new Set(['clientSecret', 'scopes', 'requestBinding', 'sloBinding']);

/** Attributes that people are found and linked by. */
const NAMING = ['userName', 'email', 'externalId'] as const;

/**
 * Settings that say within what a subject is unique, and that differ: links are kept by connection and subject, so that under another
 * issuer the same subject would be somebody else in the same account. What SAML providers call themselves may change, with a warning.
 * @returns their paths, such as `oidc.issuer`, sorted; empty when people stay who they are
 */
export function changedSource(before: ConnectionSettings, after: Settings): string[] {
  return different(sourceOf(before), sourceOf(after));
}

/**
 * Settings that say who vouches for people, or for whom, and that differ: whoever writes them can become anybody whom the connection links.
 * @returns their paths, such as `saml.certificates`, sorted; empty when whoever vouched before still does, for the same people
 */
export function changedVouching(before: ConnectionSettings, after: Settings): string[] {
  return different(vouchingOf(before), vouchingOf(after));
}

function sourceOf({ protocol, oidc, oauth2, jwt }: Settings): Said {
  return [
    ['protocol', protocol],
    ['oidc.issuer', oidc?.issuer],
    ['oidc.identifyBy', oidc?.identifyBy],
    ['oauth2.issuer', oauth2?.issuer],
    ['oauth2.profileUrl', oauth2 && new URL(oauth2.profileUrl).host],
    ['oauth2.subject', oauth2?.subject],
    ['jwt.issuer', jwt?.issuer],
  ];
}

function vouchingOf(settings: Settings): Said {
  const { subject, trustEmail, linking, directory, signals, attributes, rules } = settings;
  const setting = rules.filter(({ set }) => NAMING.some((name) => name in set));
  return [
    ...BLOCKS.flatMap((block) =>
      Object.entries(settings[block] ?? {})
        .filter(([key]) => !ONLY_ASKS.has(key))
        .map(([key, value]) => [`${block}.${key}`, value] as const),
    ),
    ...Object.entries({ subject, trustEmail, linking, directory, signals }),
    ...NAMING.map((name) => [`attributes.${name}`, attributes[name]] as const),
    ['rules', setting.map(({ when, set }) => ({ when, set }))],
  ];
}

function different(before: Said, after: Said): string[] {
  const [then, now] = [new Map(before), new Map(after)];
  const paths = new Set([...then.keys(), ...now.keys()]);
  return [...paths].filter((path) => !sameJson(then.get(path) ?? null, now.get(path) ?? null)).sort();
}

import { type IdentityPreview, previewIdentity } from '#libs/configuration';
import type { VerifiedIdentity } from '#libs/federation';
import type { ConnectionInFile } from './connection-file.js';

/** One check, whatever it is of. `null` and `not checked` say that nobody could look. */
export interface ShownCheck {
  readonly check: string;
  readonly passed: boolean | null | 'not checked';
  readonly detail: string;
}

/** What is told of a captured proof. */
export interface CheckReport {
  readonly accepted: boolean;
  readonly checks: readonly ShownCheck[];
  readonly remarks: readonly string[];
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** What was verified; null unless accepted. */
  readonly identity: {
    readonly issuer: string;
    readonly assertionId: string;
    readonly keySha256: string | null;
    readonly initiatedBy: string;
    readonly subject: { readonly value: string; readonly format: string | null };
  } | null;
  readonly claims: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** What the connection makes of the person; reported beside the verdict, which it does not change. Null unless accepted. */
  readonly mapping: IdentityPreview | null;
}

/** What an accepted identity adds to a report: who it is, what was said, and what the connection makes of it. */
export function accepted(
  identity: VerifiedIdentity,
  { settings }: ConnectionInFile,
): Pick<CheckReport, 'identity' | 'claims' | 'mapping'> {
  const { subject, claims, evidence, groupsOverage } = identity;
  const { issuer, assertionId, keySha256, initiatedBy, authnContext: context, amr: methods } = evidence;
  const ownedDomains = settings.domainOwnership === 'operator' ? settings.domains : [];
  const presented = { subject, claims, authentication: { context, methods }, groupsOverage };
  return {
    identity: { issuer, assertionId, keySha256, initiatedBy, subject },
    claims: [...claims].map(([name, values]) => ({ name, values })),
    mapping: previewIdentity({ enabled: true, settings, ownedDomains, liveRoles: null }, presented),
  };
}

/** What is left out of a report when nothing was accepted. */
export const NOBODY = { identity: null, claims: [], mapping: null } as const;

const MARKS = new Map<ShownCheck['passed'], string>([
  [true, 'ok  '],
  [false, 'FAIL'],
]);

/** Shows a report to a person: every check, what was said, what would follow. */
export function reportText({ checks, remarks, refusal, identity, claims, mapping }: CheckReport): string {
  return [
    ...checks.map(
      ({ check, passed, detail }) => `${MARKS.get(passed) ?? '-   '} ${check}${detail ? `: ${detail}` : ''}`,
    ),
    ...remarks.map((remark) => `note ${remark}`),
    ...(identity
      ? [
          '',
          `Verified   ${identity.assertionId} of ${identity.issuer}`,
          `  subject    ${identity.subject.value} (${identity.subject.format ?? 'no format'})`,
          ...claims.map(({ name, values }) => `  ${name}: ${listed(values)}`),
        ]
      : []),
    ...(mapping ? ['', ...mappingLines(mapping)] : []),
    '',
    refusal ? `Refused: ${refusal.code}. ${refusal.message}` : identity ? 'Accepted.' : 'Not decided.',
  ].join('\n');
}

function mappingLines({ refusal, identity, groups, judgements, roles }: IdentityPreview): string[] {
  return [
    ...(identity ? [`Subject    ${identity.subject}, into the directory ${identity.directory}`] : []),
    ...Object.entries(identity?.profile ?? {}).map(
      ([name, value]) => `  ${name}: ${Array.isArray(value) ? listed(value) : (value ?? '(empty)')}`,
    ),
    `Groups     ${groups === null ? 'unknown: no role that groups gave would be taken away' : listed(groups)}`,
    ...judgements.map(
      ({ rule, matched, why }) => `Rule       ${rule} ${matched ? 'matches' : 'does not match'}: ${why}`,
    ),
    ...roles.map(({ role, rule }) => `Role       ${role}, by rule ${rule}`),
    refusal ? `Admission  refused: ${refusal.code}. ${refusal.message}` : 'Admission  this person would be let in.',
  ];
}

const listed = (values: readonly unknown[]): string => (values.length === 0 ? '(no value)' : values.join(', '));

import type { SignInTrial } from './sign-in-trial.js';

/** Shows a trial to a person: what was verified, what was understood, what would follow. */
export function trialText({ refusal, assertion, claims, identity, roles }: SignInTrial): string {
  const list = (values: readonly unknown[]) => (values.length === 0 ? '(no value)' : values.join(', '));
  return [
    ...(assertion
      ? [`Verified   ${assertion.assertionId} of ${assertion.issuer}, ${INITIATED[assertion.initiatedBy]}`]
      : []),
    ...(assertion ? [`  NameID     ${assertion.nameId.value} (${assertion.nameId.format ?? 'no format'})`] : []),
    ...claims.map(({ name, values }) => `  ${name}: ${list(values)}`),
    ...(identity ? ['', `Subject    ${identity.subject}`, ...profileLines(identity.profile)] : []),
    ...(identity
      ? [`Groups     ${identity.groups === null ? 'unknown: no role would be taken away' : list(identity.groups)}`]
      : []),
    ...roles.map(({ role, rule }) => `Role       ${role}, by rule ${rule}`),
    ...(assertion ? [''] : []),
    refusal ? `Refused: ${refusal.code}. ${refusal.message}` : 'This person would be admitted.',
  ].join('\n');
}

const INITIATED: Readonly<Record<string, string>> = { sp: 'answering a request', idp: 'unasked' };

const profileLines = (profile: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(profile).map(
    ([name, value]) => `  ${name}: ${Array.isArray(value) ? value.join(', ') : (value ?? '(empty)')}`,
  );

import { POLICY_COMPARED, POLICY_PRINCIPALS, type PolicySettings } from './policy-settings.js';

type Change = (principal: unknown) => unknown;

/** Settings of a policy with each text that names a person changed; everything else as it is. */
export const withPrincipals = (settings: PolicySettings, change: Change): PolicySettings =>
  changedAtAll(settings, POLICY_PRINCIPALS, change);

/** The same with each text that may say something of a person. */
export const withPersonalTexts = (settings: PolicySettings, change: Change): PolicySettings =>
  changedAtAll(settings, [...POLICY_PRINCIPALS, ...POLICY_COMPARED], change);

const changedAtAll = (settings: PolicySettings, paths: readonly string[], change: Change): PolicySettings =>
  paths.reduce<unknown>((value, path) => changedAt(value, path.split('.'), change), settings) as PolicySettings;

/** A value with what lies at a path changed, where there is anything; `list[]` stands for every element. */
function changedAt(value: unknown, [step, ...rest]: readonly string[], change: Change): unknown {
  if (value === null || value === undefined) return value;
  if (step === undefined) return change(value);
  const name = step.replace('[]', '');
  const part = (value as Readonly<Record<string, unknown>>)[name];
  if (part === undefined) return value;
  const changed = Array.isArray(part)
    ? part.map((item) => changedAt(item, rest, change))
    : changedAt(part, rest, change);
  return { ...value, [name]: changed };
}

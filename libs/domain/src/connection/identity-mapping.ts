import type { ConnectionSettings } from '#libs/contracts';
import { SignInRefusedError } from '../sign-in/sign-in-refused.error.js';
import type { Claims, PresentedIdentity } from './claims.js';
import { judge, type OfferedValue, type RuleFacts } from './conditions.js';
import { domainOf } from './email-domain.js';
import { groupsOf } from './groups.js';
import { lowerCase } from './lower-case.js';
import { type MappedAttributes, mapAttributes, withFullName, withWhatRulesSet } from './offered-attributes.js';
import { type Judgement, judgeRules } from './rules.js';
import { type WorkBudget, workBudget } from './work-budget.js';

/** What a connection makes of a person whom its source vouches for. `attributes` are as mapped, before rules set any. */
export interface MappedIdentity extends RuleFacts {
  /** Identifies the person in the connection, as compared: lower-cased where the connection says so. */
  readonly subject: string;
  /** Attributes that go into the profile; one that the source did not mention is absent, one without a value is null. */
  readonly offered: ReadonlyMap<string, OfferedValue>;
  readonly emailVerified: boolean;
  /** Where an account is made, should there be none. */
  readonly directory: string;
  /** A rule, as `rule@version`, of which it cannot be told whether it names another directory; null when the directory is certain. */
  readonly directoryUndecided: string | null;
  /** Of every rule of the connection, in order. */
  readonly judgements: readonly Judgement[];
  /** Whether the conditions of the connection's admission hold, in order; null where that cannot be told. */
  readonly admission: { readonly refuse: readonly (boolean | null)[]; readonly allow: readonly (boolean | null)[] };
}

/** What expressions and conditions call the subject's own name. */
const SUBJECT_NAME = 'nameId';

const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

/**
 * Maps a presented identity by the settings of its connection, and judges the connection's rules and admission over it: once, within one
 * budget of work. Conditions see the attributes as `attributes` maps them, never what a rule sets. Of several rules that set the same
 * attribute, or name a directory, the first that matches decides. While it cannot be told whether a rule matches, an attribute that it would
 * set is not stated (a user name excepted).
 * @param ownedDomains domains that the connection may vouch for, lower-cased: an address outside them is never verified
 * @throws {SignInRefusedError} `transient-subject`, `missing-subject` or `missing-attribute` (no user name)
 */
export function mapIdentity(
  settings: ConnectionSettings,
  presented: PresentedIdentity,
  ownedDomains: readonly string[],
): MappedIdentity {
  const budget = workBudget();
  const { facts, mapped } = mappedFacts(settings, presented, budget);
  const judgements = judgeRules(settings.rules, facts, budget);
  const offered = withFullName(withWhatRulesSet(mapped, settings.rules, { claims: facts.claims, judgements }, budget));
  if (typeof offered.get('userName') !== 'string') throw new SignInRefusedError('missing-attribute');
  const email = offered.get('email');
  const owned = typeof email === 'string' && ownedDomains.includes(domainOf(email));
  return {
    ...facts,
    subject: subjectOf(settings.subject, presented),
    offered,
    emailVerified: settings.trustEmail && owned && !facts.addressDenied,
    ...directoryOf(settings, judgements),
    judgements,
    admission: judgedAdmission(settings, facts, budget),
    workLeft: budget.left,
  };
}

/** What conditions look at, of a presented identity. Total: also where mapping it would refuse the person. */
export const factsOf = (settings: ConnectionSettings, presented: PresentedIdentity): RuleFacts =>
  mappedFacts(settings, presented, workBudget()).facts;

function mappedFacts(
  settings: ConnectionSettings,
  presented: PresentedIdentity,
  budget: WorkBudget,
): { readonly facts: RuleFacts; readonly mapped: MappedAttributes } {
  const claims = new Map(presented.claims).set(SUBJECT_NAME, [presented.subject.value]);
  const { groups, authenticationContexts } = settings;
  const mapped = mapAttributes(settings.attributes, claims, budget);
  const facts = {
    groups: presented.groupsOverage ? ({ known: false } as const) : groupsOf(groups, claims),
    attributes: withFullName(mapped),
    untold: mapped.untold,
    claims,
    addressDenied: statesVerified(settings, claims) === false,
    authentication: presented.authentication,
    groupAttribute: groups.attribute,
    authenticationContexts,
    workLeft: budget.left,
  };
  return { facts, mapped };
}

function judgedAdmission(
  { admission }: ConnectionSettings,
  facts: RuleFacts,
  budget: WorkBudget,
): MappedIdentity['admission'] {
  const judged = ({ when }: (typeof admission.allow)[number]) => judge(when, facts, budget).holds;
  return { refuse: admission.refuse.map(judged), allow: admission.allow.map(judged) };
}

function subjectOf(rule: ConnectionSettings['subject'], { subject, claims }: PresentedIdentity): string {
  if (rule === 'nameId') {
    if (subject.format === TRANSIENT) throw new SignInRefusedError('transient-subject');
    return subject.value;
  }
  const value = claims.get(rule.attribute)?.[0];
  if (!value) throw new SignInRefusedError('missing-subject');
  return comparableSubject({ subject: rule }, value);
}

/** A subject as a connection compares it: as it is, or lower-cased where the connection says so. */
export function comparableSubject({ subject }: Pick<ConnectionSettings, 'subject'>, value: string): string {
  return subject !== 'nameId' && subject.caseInsensitive ? lowerCase(value) : value;
}

/** What the source itself says of the address: verified or not; null where it says nothing and need not. */
function statesVerified({ oauth2 }: ConnectionSettings, claims: Claims): boolean | null {
  const stated = claims.get(oauth2?.emailVerified ?? 'email_verified');
  if (stated === undefined) return oauth2?.emailVerified ? false : null;
  return stated.length > 0 && stated.every((value) => value === 'true');
}

/** The directory of the first rule that matches, else the connection's. What an undecided rule before it would have said stays open. */
function directoryOf(
  { directory: standard, rules }: ConnectionSettings,
  judgements: readonly Judgement[],
): Pick<MappedIdentity, 'directory' | 'directoryUndecided'> {
  const naming = rules.flatMap(({ id, version, directory }, index) => {
    const judgement = judgements[index];
    return directory === null || !judgement ? [] : [{ rule: `${id}@${version}`, directory, judgement }];
  });
  const first = naming.findIndex(({ judgement }) => judgement.matched);
  const directory = naming[first]?.directory ?? standard;
  const before = first < 0 ? naming : naming.slice(0, first);
  const open = before.find((each) => each.judgement.undecided && each.directory !== directory);
  return { directory, directoryUndecided: open?.rule ?? null };
}

import canonicalize from 'canonicalize';
import { withPrincipals } from '#libs/contracts';
import type { HeldChangeState } from '#libs/domain';
import { ERASED } from '#libs/vault';
import type { HoldableChange, HoldableCommand } from './holdable-change.js';

/** A change as its event holds it. */
export interface KeptChange {
  /** Canonical JSON, in which `{"person": n}` stands for the n-th of the people. */
  readonly command: string;
  /** Whom it names, by userName or e-mail address: apart, so that each stands under a key of their own. */
  readonly people: readonly string[];
}

/** A change as text, without the people whom it names. */
export function keep({ kind: _kind, tenant: _tenant, id: _id, command, ...rest }: HoldableChange): KeptChange {
  const people: string[] = [];
  const numbered = (person: unknown) => {
    if (typeof person !== 'string') return person;
    if (!people.includes(person)) people.push(person);
    return { person: people.indexOf(person) };
  };
  const kept = { ...rest, command: withPeople(command, numbered) };
  return { command: canonicalize(kept) ?? '', people };
}

/** The change as it was kept; null for one that did not wait, and where it, or somebody whom it names, cannot be read any more. */
export function kept(tenant: string, { kind, target, command, people }: HeldChangeState): HoldableChange | null {
  if (kind === null || !command?.startsWith('{') || people.includes(ERASED)) return null;
  const { command: numbered, ...rest } = JSON.parse(command) as Omit<HoldableChange, 'kind' | 'tenant' | 'id'>;
  const named = (person: unknown) => {
    const { person: number } = (person ?? {}) as { readonly person?: number };
    return number === undefined ? person : (people[number] ?? null);
  };
  return { ...rest, command: withPeople(numbered, named), kind, tenant, id: target };
}

/** A command with whom it names changed: people in the settings of a policy, and the owner of a role. */
function withPeople(command: HoldableCommand, change: (person: unknown) => unknown): HoldableCommand {
  if (command.type === 'ConfigurePolicy')
    return { ...command, data: { ...command.data, settings: withPrincipals(command.data.settings, change) } };
  if (command.type === 'DefineRole')
    return { ...command, data: { ...command.data, owner: change(command.data.owner) as string | null } };
  return command;
}

import type { PresentedIdentity } from '#libs/domain';
import { type PreviewedConnection, type PreviewedRefusal, previewIdentity } from '../preview/identity-preview.js';

/** What one sign-in comes to under other settings than those in force. */
export interface Replayed {
  /** Why it is turned away as things are, and why it would be; null: admitted. */
  readonly refusal: { readonly before: PreviewedRefusal | null; readonly after: PreviewedRefusal | null };
  /** Roles that it would give and does not give now, sorted. */
  readonly gained: readonly string[];
  /** Roles that it gives and would not give any more, sorted. */
  readonly lost: readonly string[];
}

/**
 * Compares what a connection makes of a presented identity with what it would make of it. Pure. What the source said nothing about takes
 * nothing away. Of a sign-in that is turned away either time only that is told.
 */
export function replayed(
  presented: PresentedIdentity,
  before: PreviewedConnection,
  after: PreviewedConnection,
): Replayed {
  const [was, is] = [previewIdentity(before, presented), previewIdentity(after, presented)];
  const refusal = { before: was.refusal, after: is.refusal };
  if (was.refusal !== null || is.refusal !== null) return { refusal, gained: [], lost: [] };
  const [gave, gives] = [rolesOf(was.roles), rolesOf(is.roles)];
  const undecided = new Set(is.judgements.filter((judgement) => judgement.undecided).map(({ rule }) => rule));
  const stays = (role: string) =>
    is.groups === null || after.settings.rules.some(({ id, grant }) => undecided.has(id) && grant.includes(role));
  return {
    refusal,
    gained: [...gives].filter((role) => !gave.has(role)).sort(),
    lost: [...gave].filter((role) => !gives.has(role) && !stays(role)).sort(),
  };
}

const rolesOf = (due: readonly { readonly role: string }[]): Set<string> => new Set(due.map(({ role }) => role));

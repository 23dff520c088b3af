import type { ConnectionSettings, RoleSettings } from '#libs/contracts';
import { changedPaths, sameJson } from '../changed-paths.js';
import { changedVouching } from '../connection/connection-source.js';

/** What a tenant may want a second person for. */
export type ChangeArea = 'connections' | 'rules' | 'policies' | 'privilegedRoles';

/** A connection as far as a change of it is looked at; null where it is not there. */
export interface ConnectionBeforeOrAfter {
  readonly settings: ConnectionSettings;
  readonly enabled: boolean;
}

/** A role likewise. */
export interface RoleBeforeOrAfter {
  readonly settings: RoleSettings;
  readonly owner: string | null;
}

/** Both sides of one change; `null` before: something new, `null` after: removed or retired. */
export type ChangeLookedAt =
  | {
      readonly kind: 'connection';
      readonly before: ConnectionBeforeOrAfter | null;
      readonly after: ConnectionBeforeOrAfter | null;
    }
  | { readonly kind: 'role'; readonly before: RoleBeforeOrAfter | null; readonly after: RoleBeforeOrAfter | null }
  | { readonly kind: 'policy'; readonly before: unknown; readonly after: unknown };

/** Settings of a connection that say who comes in, as whom and with which roles. */
const RULES: ReadonlySet<string> = new Set([
  'rules',
  'attributes',
  'groups',
  'authenticationContexts',
  'admission',
  'jit',
]);

/**
 * Says which areas a change touches, so that the approvals of each are asked for; none where nothing changes, or nothing that needs anybody.
 * Switching a connection off alone touches none: it only takes access away, and must be possible at once. A change of mapping that makes
 * people somebody else (user name, e-mail, external id) touches `connections` as well.
 */
export function changeAreas(change: ChangeLookedAt): ChangeArea[] {
  switch (change.kind) {
    case 'connection':
      return connectionAreas(change.before, change.after);
    case 'role':
      return [change.before, change.after].some((role) => role?.settings.privileged) && differs(change)
        ? ['privilegedRoles']
        : [];
    case 'policy':
      return differs(change) ? ['policies'] : [];
  }
}

const differs = ({ before, after }: { readonly before: unknown; readonly after: unknown }): boolean =>
  !sameJson(before, after);

function connectionAreas(before: ConnectionBeforeOrAfter | null, after: ConnectionBeforeOrAfter | null): ChangeArea[] {
  if (before === null && after === null) return [];
  if (before === null || after === null) return ['connections'];
  const changed = changedPaths(before.settings, after.settings);
  const byRules = changed.some((name) => RULES.has(name));
  const otherwise =
    changed.some((name) => !RULES.has(name)) ||
    changedVouching(before.settings, after.settings).length > 0 ||
    (after.enabled && !before.enabled);
  return [...(otherwise ? (['connections'] as const) : []), ...(byRules ? (['rules'] as const) : [])];
}

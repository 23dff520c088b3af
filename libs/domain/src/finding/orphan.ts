/** How long nobody may have come through a connection before it counts as silent, unless a policy says otherwise, milliseconds: 30 days. */
export const SILENT_AFTER_MS = 30 * 86_400_000;

/** Why nobody answers for an account any more: its source is removed, disabled or silent. */
export type OrphanCode = 'source-gone' | 'source-disabled' | 'source-silent';

/** What a connection is like at this moment; null where there never was one. */
export interface SourceNow {
  readonly status: 'absent' | 'present' | 'removed';
  readonly enabled: boolean;
}

/** Whether the connection is still what made orphans of its accounts: whoever noticed it may have looked a moment ago. */
export function isStillLost(code: OrphanCode, source: SourceNow | null): boolean {
  const there = source?.status === 'present';
  if (code === 'source-gone') return !there;
  return there && source.enabled === (code === 'source-silent');
}

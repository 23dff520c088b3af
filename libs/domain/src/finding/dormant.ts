import { instantAfter } from '#libs/kernel';

/** How long nobody has used an account. */
export interface QuietAccount {
  readonly kind: string;
  /** The latest of its making, its last sign-in, its last reactivation and its last taking over of another account, ISO-8601 UTC with milliseconds. */
  readonly quietSince: string;
}

/** Whether an account is dormant: quiet for `afterMs` or longer. Accounts for emergencies are meant to be left alone, and never are. */
export function isDormant({ kind, quietSince }: QuietAccount, afterMs: number, now: string): boolean {
  return kind !== 'breakGlass' && instantAfter(quietSince, afterMs) <= now;
}

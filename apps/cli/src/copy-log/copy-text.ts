import type { CopyPlan, CopyReport, LogTotals } from '#libs/ledger';

/** What a copy came to, or would. */
export type Copied =
  | (CopyPlan & { readonly dryRun: true })
  | (CopyReport & { readonly dryRun: false; readonly adopted: boolean });

/** Tells what was copied and verified, and what to do now. */
export function copyText(copied: Copied): string {
  if (copied.dryRun) return `The target holds the first ${copied.found} events; ${copied.missing} would be copied.`;
  const { found, source, target, moving, adopted } = copied;
  return [
    `${copied.copied} events copied${found > 0 ? ` after ${found} that were there` : ''}; both ends read again, every hash agrees`,
    `source  ${totals(source)}`,
    `target  ${totals(target)}`,
    ...(moving ? [MOVING] : []),
    ...(adopted ? [ADOPTED] : []),
  ].join('\n');
}

const totals = ({ events, digest }: LogTotals) => `${events} events  sha256 ${digest}`;

const MOVING =
  '! The source is still written to: the copy is true, but lags. Stop the servers and run the same command again; it goes on where it stopped.';

const ADOPTED =
  'The database works with this store from now on. Start the servers with EVENT_STORE_URL set to it; without EVENT_STORE_URL, where it is their own database.';

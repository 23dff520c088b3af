import { countDifferences, type RebuildOutcome } from '#libs/read-model';

/** Keys that are listed for people; `--json` has up to 20 of each table. */
const LISTED_KEYS = 5;

/** Says what rebuilding or verifying came to, a few lines for each projection. */
export function outcomeText(outcomes: readonly RebuildOutcome[], done: 'rebuilt' | 'verified'): string {
  return outcomes.flatMap((outcome) => linesOf(outcome, done)).join('\n');
}

function linesOf(outcome: RebuildOutcome, done: string): string[] {
  const { projection, position, durationMs, differences, parked } = outcome;
  const rows = differences.reduce((sum, table) => sum + table.rows, 0);
  const count = countDifferences(differences);
  const found = count === 0 ? 'no differences' : `${count} rows differ from the live ones`;
  return [
    `${projection}: ${done} at position ${position}, ${rows} rows, ${found} (${(durationMs / 1_000).toFixed(1)} s)`,
    ...differences
      .filter(({ missing, surplus, changed }) => missing + surplus + changed > 0)
      .map(
        ({ table, missing, surplus, changed, keys }) =>
          `  ${table}: ${missing} missing, ${surplus} surplus, ${changed} changed: ${keys.slice(0, LISTED_KEYS).join(', ')}${keys.length > LISTED_KEYS ? ', …' : ''}`,
      ),
    ...(parked.live + parked.rebuilt > 0
      ? [`  parked streams: ${parked.live} live, ${parked.rebuilt} after rebuilding (gatebook parked list)`]
      : []),
  ];
}

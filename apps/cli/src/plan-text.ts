import { type ChangeSummary, type Loss, percentOf } from '#libs/configuration';

const SIGN: Readonly<Record<ChangeSummary['action'], string>> = {
  create: '+',
  change: '~',
  enable: '~',
  disable: '~',
  remove: '-',
};

/** What an apply did or would do. */
export interface ShownPlan {
  readonly changes: readonly ChangeSummary[];
  readonly losses: readonly Loss[];
  readonly warnings: readonly string[];
  readonly remarks: readonly string[];
  readonly confirm: string | null;
}

/** Shows a plan: a line for each change, then what it would take and warns of, what may not be expected, and what to confirm. */
export function planText({ changes, losses, warnings, remarks, confirm }: ShownPlan): string {
  const several = new Set(changes.map(({ tenant }) => tenant)).size > 1;
  return [
    ...(changes.length === 0 ? ['No changes.'] : changes.map((change) => changeLine(change, several))),
    ...losses.map(lossLine),
    ...warnings.map((warning) => `! ${warning}`),
    ...remarks.map((remark) => `i ${remark}`),
    ...(confirm === null ? [] : [`Confirm with --confirm ${confirm}`]),
  ].join('\n');
}

function changeLine({ action, kind, tenant, id, changed }: ChangeSummary, several: boolean): string {
  const what =
    action === 'enable' || action === 'disable' ? `: ${action}d` : changed.length > 0 ? `: ${changed.join(', ')}` : '';
  const where = several && kind !== 'tenant' ? ` (${tenant})` : '';
  return `${SIGN[action]} ${kind} ${id}${where}${what}`;
}

function lossLine(loss: Loss): string {
  const { connection, losing, of, limitPercent } = loss;
  if (connection === null) return `! ends ${losing} grants by hand of retired roles`;
  const share = percentOf(loss).toFixed(1);
  return `! ends ${losing} of ${of} grants of connection ${connection} (${share} %, limit ${limitPercent} %)`;
}

import type { PlannedChange } from '../plan-configuration.js';

/** Says what somebody who schedules reports may not expect. Nothing of it has to be confirmed. Pure. */
export function reportRemarks(changes: readonly PlannedChange[]): string[] {
  return changes.flatMap(({ action, changed, tenant, command }) => {
    if (command.type !== 'ConfigureTenant' || (action === 'change' && !changed.includes('reports'))) return [];
    const ids = command.data.settings.reports.filter(({ deliver }) => deliver.folder !== null).map(({ id }) => id);
    return ids.length > 0 ? [needsFolder(tenant, ids)] : [];
  });
}

const needsFolder = (tenant: string, ids: readonly string[]) =>
  `Reports of ${tenant} go to a folder (${ids.join(', ')}): set GATEBOOK_REPORTS_FOLDER on the audit server, without it they stay undelivered.`;

import { type ChangeInDetail, type SettingDifference, type Settings, settingDifferences } from '#libs/configuration';
import type { PolicySettings } from '#libs/contracts';
import type { HeldChangeRecord } from '#libs/read-model';
import { WITHHELD } from '#libs/vault';
import { withoutNames } from '../policies/shown-policy.js';
import type { ChangeDto, ChangeInDetailDto } from './changes.dto.js';

/** A change as the API shows it. @param personal whether personal data may be seen */
export function toChange(row: HeldChangeRecord, personal: boolean): ChangeDto {
  return {
    id: row.change,
    tenant: row.tenant,
    status: row.status,
    area: row.area,
    kind: row.kind,
    target: row.target,
    ofVersion: row.ofVersion,
    changed: row.changed,
    requestedBy: row.requestedBy,
    reason: personal || row.reason === null ? row.reason : WITHHELD,
    requestedAt: row.heldAt.toISOString(),
    validUntil: row.validUntil?.toISOString() ?? null,
    approvalsNeeded: row.approvalsNeeded,
    approvals: row.approvals.map(({ by, via, at }) => ({ by, decidedVia: via, at })),
    emergency: row.emergency,
    refusedBecause: row.refusedCode,
    refusedBy: row.refusedBy,
    appliedAt: row.appliedAt?.toISOString() ?? null,
    events: row.events,
  };
}

/** Likewise, with what it would come to. */
export function toChangeInDetail(
  row: HeldChangeRecord,
  detail: Pick<ChangeInDetail, 'before' | 'after' | 'consequences'>,
  personal: boolean,
): ChangeInDetailDto {
  const { losses, warnings, remarks, confirm } = detail.consequences ?? {};
  return {
    ...toChange(row, personal),
    differences: differencesFor(row, detail, personal),
    consequences: losses
      ? {
          losses: losses.map(({ connection, losing, of, limitPercent }) => ({ connection, losing, of, limitPercent })),
          warnings: warnings ?? [],
          remarks: remarks ?? [],
          confirm: confirm ?? null,
        }
      : null,
  };
}

/** The difference, without the people whom it names unless they may be seen. */
export function differencesFor(
  { kind }: Pick<HeldChangeRecord, 'kind'>,
  { before, after }: Pick<ChangeInDetail, 'before' | 'after'>,
  personal: boolean,
): SettingDifference[] {
  const visible = (settings: Settings | null) =>
    personal || settings === null ? settings : (WITHOUT_NAMES[kind]?.(settings) ?? settings);
  return settingDifferences(visible(before), visible(after));
}

const WITHOUT_NAMES: Readonly<Record<string, (settings: Settings) => Settings>> = {
  policy: (settings) => withoutNames(settings as unknown as PolicySettings) as unknown as Settings,
  role: (settings) => ({ ...settings, owner: settings['owner'] === null ? null : WITHHELD }),
};

import { configurationHash } from '../configuration-hash.js';
import type { PlannedChange } from '../plan-configuration.js';
import type { Loss } from './loss-estimate.js';

/** One difference, as it is shown. */
export type ChangeSummary = Pick<PlannedChange, 'action' | 'kind' | 'tenant' | 'id' | 'changed'>;

/** What applying a configuration would do. */
export interface ConfigurationPlan {
  /** SHA-256 of the configuration. */
  readonly hash: string;
  readonly changes: readonly ChangeSummary[];
  readonly losses: readonly Loss[];
  /** Sentences: what follows beyond the loss of grants, and why. Each is to be confirmed. */
  readonly warnings: readonly string[];
  /** Sentences: what may not be expected. Nothing of it is to be confirmed. */
  readonly remarks: readonly string[];
  /** What an apply must bring along to be carried out; null when nothing needs to be confirmed. */
  readonly confirm: string | null;
}

/** A change as it is shown, without its command. */
export const summaryOf = ({ action, kind, tenant, id, changed }: PlannedChange): ChangeSummary => ({
  action,
  kind,
  tenant,
  id,
  changed,
});

/**
 * Says what must be confirmed: any removal, any warning, and any loss above its tenant's limit. The hash covers the configuration, every
 * change, every warning and the losses in whole percent, so that it holds while people sign in and no longer when the consequences are others.
 */
export function confirmationOf(
  hash: string,
  { changes, losses, warnings }: Pick<ConfigurationPlan, 'changes' | 'losses' | 'warnings'>,
): string | null {
  const removes = changes.some(({ action }) => action === 'remove');
  if (!removes && warnings.length === 0 && !losses.some(isOverLimit)) return null;
  const consequences = losses.map((loss) => [loss.tenant, loss.connection, Math.ceil(percentOf(loss))]);
  return configurationHash({ configuration: hash, changes, consequences, warnings });
}

/** Share of the grants that would end, percent. */
export const percentOf = ({ losing, of }: Pick<Loss, 'losing' | 'of'>): number => (of === 0 ? 0 : (losing * 100) / of);

/** The worst of the losses: the highest share; zeros when nothing is lost. */
export function worstOf(losses: readonly Loss[]): Pick<Loss, 'losing' | 'of' | 'limitPercent'> {
  const [worst] = losses.toSorted((a, b) => percentOf(b) - percentOf(a));
  return worst ?? { losing: 0, of: 0, limitPercent: 0 };
}

const isOverLimit = (loss: Loss): boolean => percentOf(loss) > loss.limitPercent;

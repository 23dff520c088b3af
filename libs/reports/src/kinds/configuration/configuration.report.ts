import type { ChangeApproved, ChangeHeld, ChangeRefused, EmergencyChangeRecorded } from '#libs/contracts';
import { parseStreamName, type SealedEvent } from '#libs/kernel';
import type { Column, ReportRow } from '../../column.js';
import { boolean, EVENT_COLUMNS, eventCells, list, personal, RECORDED_AT, text } from '../../events/columns.js';
import { eventReport, type Told } from '../../events/event-report.js';
import type { Question } from '../../question.js';
import type { ReportKind, ReportSource } from '../../report-kind.js';
import { type Approval, approvalsOf } from './approvals.js';
import { CONFIGURATION_TYPES } from './configuration-types.js';
import { settingChanges } from './setting-changes.js';
import { settingsBefore, settingsIn } from './settings-before.js';

const COLUMNS: readonly Column[] = [
  RECORDED_AT,
  text('what', 'What happened, as the type of the event.'),
  text(
    'object',
    'What it happened to: `connection`, `role`, `client`, `policy`, `tenant`, `apiKey`, `setupLink`, `configuration`, or a change that waited (`heldChange`).',
  ),
  text('target', 'Id of it; of a change that waited, of what it would change, as `kind:id`.'),
  list(
    'changed',
    'What changed: paths of settings, such as `rules[engineers].grant`; empty where it was made, switched or removed as a whole.',
  ),
  list(
    'before',
    'Each changed setting as it was, as `path=value`; for what was removed all of them. Values longer than 300 characters are given by their SHA-256.',
  ),
  list('after', 'Each changed setting as it is now, likewise; for something new all of them.'),
  text(
    'managedBy',
    'Who manages it: `config` where the configuration file manages it, `api` otherwise; empty where that is not stated.',
  ),
  text(
    'change',
    'Id of the change that waited for a second person, or was made in an emergency; empty where nothing had to be approved.',
  ),
  text('requestedBy', 'Who asked for that change, as `kind:id`.'),
  list('approvedBy', 'Who approved of it, as `kind:id`, in that order.'),
  boolean(
    'emergency',
    'Whether it was made at once although it should have waited; empty where nothing is said about that.',
  ),
  list('made', 'Ids of the events by which the change was made; of changes that waited or could not wait.'),
  personal(text('reason', 'What was given as the reason; empty where nothing was.')),
  ...EVENT_COLUMNS,
];

/** Every change of what is set, who made it and who approved of it. */
export const configurationReport: ReportKind = eventReport({
  kind: 'configuration',
  version: 1,
  title: 'Changes of the configuration',
  answers:
    'What was changed in the period in connections, rules, roles, policies, applications, keys and settings, from what to what, by whom and with whose approval?',
  columns: COLUMNS,
  ofInstallation: true,
  filters: ['connection'],
  types: CONFIGURATION_TYPES,
  tell,
  summary: async (_source, _question, { rows, counts }) => ({
    changes: rows,
    approved: counts['rows.approved'] ?? 0,
    emergencies: counts['rows.emergency'] ?? 0,
  }),
});

async function tell(events: readonly SealedEvent[], source: ReportSource, question: Question): Promise<Told[]> {
  const approvals = await approvalsOf(source, question, events);
  const told: Told[] = [];
  for (const event of events) {
    const changes = settingChanges(await settingsBefore(source, question, event), settingsIn(event));
    const approval = approvals.get(event.id) ?? approvalIn(event);
    const counts = {
      ...(approvals.has(event.id) ? { 'rows.approved': 1 } : {}),
      ...(event.type === 'EmergencyChangeRecorded' ? { 'rows.emergency': 1 } : {}),
    };
    told.push({ rows: [rowOf(event, changes, approval)], counts });
  }
  return told;
}

/** What any of these events may say. */
interface MaySay {
  readonly changed?: readonly string[];
  readonly managedBy?: string;
  readonly events?: readonly string[];
  readonly reason?: string | null;
  readonly kind?: string;
  readonly target?: string;
}

function rowOf(
  event: SealedEvent,
  { before, after }: ReturnType<typeof settingChanges>,
  approval: Approval | null,
): ReportRow {
  const { category, id } = parseStreamName(event.stream);
  const { changed, managedBy, events, reason, kind, target } = event.data as MaySay;
  return [
    event.recordedAt,
    event.type,
    category,
    target === undefined ? id : `${kind}:${target}`,
    changed ?? [],
    before,
    after,
    managedBy ?? null,
    approval?.change ?? null,
    approval?.requestedBy ?? null,
    approval?.approvedBy ?? [],
    emergencyOf(event),
    events ?? [],
    reason ?? null,
    ...eventCells(event),
  ];
}

function emergencyOf({ type }: SealedEvent): boolean | null {
  if (type === 'EmergencyChangeRecorded') return true;
  return type.startsWith('Change') ? false : null;
}

/** What an event about a change that waits says of it by itself. */
function approvalIn({ type, data }: SealedEvent): Approval | null {
  const { change } = data as { readonly change?: string };
  if (change === undefined) return null;
  const { requestedBy } = data as Partial<ChangeHeld['data']>;
  const { by } = data as Partial<ChangeApproved['data'] | ChangeRefused['data'] | EmergencyChangeRecorded['data']>;
  return {
    change,
    requestedBy: requestedBy ?? (type === 'EmergencyChangeRecorded' ? (by ?? null) : null),
    approvedBy: type === 'ChangeApproved' && by !== undefined ? [by] : [],
  };
}

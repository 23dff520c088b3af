import type { StoredEvent } from '#libs/event-store';
import type { SealedEvent } from '#libs/kernel';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';

/** Events that one look back into a stream brings. */
const LOOK_BACK = 20;

/** What is there to set about a thing, as an event states it. */
export type Settings = Readonly<Record<string, unknown>>;

/** What of an event's data says what holds from then on, besides its settings. */
const BESIDE = ['owner', 'enabled', 'managedBy', 'facts'] as const;

/** What an event states to hold from then on; null where it states nothing of the kind. */
export function settingsIn(data: unknown): Settings | null {
  const { settings, ...rest } = data as { readonly settings?: Settings } & Settings;
  const beside = BESIDE.flatMap((name) => (name in rest ? [[name, rest[name]] as const] : []));
  if (settings === undefined && beside.length === 0) return null;
  return { ...settings, ...Object.fromEntries(beside) };
}

/**
 * What held before an event, out of the earlier events of its stream: the newest of each thing that this one states, however far back it was
 * stated last.
 */
export async function settingsBefore(
  source: ReportSource,
  { personal }: Question,
  event: SealedEvent,
): Promise<Settings | null> {
  const missing = new Set(Object.keys(settingsIn(event.data) ?? {}));
  const before: Record<string, unknown> = {};
  for (let from = event.revision - 1; from >= 0 && missing.size > 0; from -= LOOK_BACK) {
    const page = await source.store.readStream(event.stream, { direction: 'backward', from, limit: LOOK_BACK });
    for (const data of await dataOf(source, page, personal)) {
      for (const [name, value] of Object.entries(settingsIn(data) ?? {})) {
        if (missing.delete(name)) before[name] = value;
      }
    }
  }
  return Object.keys(before).length === 0 ? null : before;
}

async function dataOf({ reader }: ReportSource, page: readonly StoredEvent[], personal: boolean): Promise<unknown[]> {
  const events = personal ? await reader.decode(page) : reader.decodeWithholding(page);
  return events.map(({ data }) => data);
}

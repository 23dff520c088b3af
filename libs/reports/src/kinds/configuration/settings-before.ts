import type { StoredEvent } from '#libs/event-store';
import type { SealedEvent } from '#libs/kernel';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';

/** Events that one look back into a stream brings. */
const LOOK_BACK = 20;

/** What is there to set about a thing, as an event states it. */
export type Settings = Readonly<Record<string, unknown>>;

/** What of an event's data says what holds from then on, besides its settings; of keys and set-up links that is all. */
const BESIDE = ['owner', 'enabled', 'managedBy', 'facts', 'name', 'scopes', 'purpose', 'expiresAt'] as const;

/** What switches a thing states by its type alone. */
const SWITCHES: ReadonlyMap<string, Settings> = new Map<string, Settings>([
  ...['ConnectionEnabled', 'ClientEnabled', 'PolicyEnabled'].map((type) => [type, { enabled: true }] as const),
  ...['ConnectionDisabled', 'ClientDisabled', 'PolicyDisabled'].map((type) => [type, { enabled: false }] as const),
]);

/** What ends a thing: nothing of it holds any more, also where its id is used again. */
const ENDS: ReadonlySet<string> = new Set([
  'ConnectionRemoved',
  'RoleRetired',
  'ClientRemoved',
  'PolicyRemoved',
  'ApiKeyRevoked',
]);

/** What there is of an event to say what holds from then on. */
type Stating = Pick<SealedEvent, 'type' | 'data'>;

/** What an event states to hold from then on; null where it states nothing of the kind. */
export function settingsIn({ type, data }: Stating): Settings | null {
  const switched = SWITCHES.get(type);
  if (switched) return switched;
  const { settings, ...rest } = data as { readonly settings?: Settings } & Settings;
  const beside = BESIDE.flatMap((name) => (name in rest ? [[name, rest[name]] as const] : []));
  if (settings === undefined && beside.length === 0) return null;
  return { ...settings, ...Object.fromEntries(beside) };
}

/**
 * What held before an event, out of the earlier events of its stream: the newest of each thing that this one states, however far back it was
 * stated last; all that held, where the event ends the thing. What was ended before does not count. Null where nothing held.
 */
export async function settingsBefore(
  source: ReportSource,
  { personal }: Question,
  event: SealedEvent,
): Promise<Settings | null> {
  const missing = ENDS.has(event.type) ? null : new Set(Object.keys(settingsIn(event) ?? {}));
  const before = new Map<string, unknown>();
  for (let from = event.revision - 1; from >= 0 && missing?.size !== 0; from -= LOOK_BACK) {
    const page = await source.store.readStream(event.stream, { direction: 'backward', from, limit: LOOK_BACK });
    const end = page.findIndex(({ type }) => ENDS.has(type));
    for (const [name, value] of await statedIn(source, end < 0 ? page : page.slice(0, end), personal)) {
      if (missing ? missing.delete(name) : !before.has(name)) before.set(name, value);
    }
    if (end >= 0) break;
  }
  return before.size === 0 ? null : Object.fromEntries(before);
}

/** What events state, in their order. */
async function statedIn({ reader }: ReportSource, page: readonly StoredEvent[], personal: boolean) {
  const events = personal ? await reader.decode(page) : reader.decodeWithholding(page);
  return events.flatMap((event) => Object.entries(settingsIn(event) ?? {}));
}

import type { SealedStoredEvent } from '#libs/bus';
import type { StoredEvent } from '#libs/event-store';
import { DomainError, parseStreamName, type RecordedEvent, type SealedEvent } from '#libs/kernel';
import type { Projection, Sight } from './projection.js';

/** Reads stored events: in clear, or with personal fields `[withheld]`. Both upcast to the newest schema version and keep the order. */
export interface EventReader {
  decode(events: readonly StoredEvent[]): Promise<RecordedEvent[]>;
  decodeWithholding(events: readonly StoredEvent[]): RecordedEvent[];
}

/** An event as the projections may see it, each as much as it asked for. */
export interface SightedEvent {
  readonly stored: SealedStoredEvent;
  /** @throws what made the event unreadable: it is poison for whoever must read it */
  as(sight: Sight): SealedEvent;
}

/** Decodes each event once for each sight in which some projection reads it. @throws when nothing can be decoded now; poison does not throw here */
export async function sightEvents(
  reader: EventReader,
  projections: readonly Projection[],
  events: readonly SealedStoredEvent[],
): Promise<SightedEvent[]> {
  const readAs = (sight: Sight) =>
    events.filter(
      ({ type, broken }) => !broken && projections.some((one) => one.sight === sight && readsType(one, type)),
    );
  const facts = await decodeEach(async (some) => reader.decodeWithholding(some), readAs('facts'));
  const personal = await decodeEach((some) => reader.decode(some), readAs('personal'));
  return events.map((stored) => ({
    stored,
    as: (sight) => {
      if (stored.broken) throw new BrokenRecord();
      return sight === 'envelope' ? envelopeOf(stored) : open((sight === 'facts' ? facts : personal).get(stored));
    },
  }));
}

/** What arrived is not what was sealed; the true event is in the store. */
class BrokenRecord extends Error {
  override readonly name = 'BrokenRecord';
  constructor() {
    super('The event was damaged on its way; replay what is parked to take it from the store.');
  }
}

/** Whether a projection reads events of this type. */
export const readsType = ({ reads }: Projection, type: string): boolean => reads === 'every' || reads.has(type);

/**
 * Whether an event is any business of a projection. Of a broken event only the place is sure: whoever projects the category of its stream
 * has to assume that it reads it.
 */
export const concerns = (projection: Projection, { type, stream, broken }: SealedStoredEvent): boolean =>
  readsType(projection, type) || (broken === true && projection.categories.includes(parseStreamName(stream).category));

type Decoded = SealedEvent | { readonly poison: unknown };

async function decodeEach(
  decode: (events: readonly StoredEvent[]) => Promise<RecordedEvent[]>,
  events: readonly SealedStoredEvent[],
): Promise<Map<SealedStoredEvent, Decoded>> {
  if (events.length === 0) return new Map();
  try {
    const decoded = await decode(events);
    return new Map(events.map((stored, index) => [stored, sealed(stored, decoded[index] as RecordedEvent)]));
  } catch (error) {
    if (!isPoison(error)) throw error;
    const [stored] = events;
    if (stored && events.length === 1) return new Map([[stored, { poison: error }]]);
    const half = Math.ceil(events.length / 2);
    const [first, second] = [
      await decodeEach(decode, events.slice(0, half)),
      await decodeEach(decode, events.slice(half)),
    ];
    return new Map([...first, ...second]);
  }
}

/** Says of a failed decoding that the event is to blame: a ciphertext that was changed or moved, or data that no upcaster takes. */
function isPoison(error: unknown): boolean {
  if (error instanceof DomainError) return error.code === 'ciphertext-rejected';
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}

function sealed({ position, tenantPosition, sealedAt }: SealedStoredEvent, event: RecordedEvent): SealedEvent {
  return { ...event, position, tenantPosition, sealedAt };
}

function envelopeOf({ storePosition: _storePosition, ...event }: SealedStoredEvent): SealedEvent {
  return event;
}

function open(decoded: Decoded | undefined): SealedEvent {
  if (decoded === undefined) throw new TypeError('A projection looks at an event that it does not read.');
  if ('poison' in decoded) throw decoded.poison;
  return decoded;
}

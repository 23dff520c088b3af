import { z } from 'zod';
import { parseStreamName } from '#libs/kernel';
import type { EvidenceSheet } from '../evidence.js';
import type { ExportedEvent } from './exported-event.js';

/** What `ReportGenerated` says. */
const recordedSchema = z.looseObject({
  report: z.string(),
  files: z.array(z.looseObject({ name: z.string(), sha256: z.string() })),
});

/** What the log recorded of a report. */
export interface ReportRecord {
  /** The hash of the event, as its line has it. */
  readonly hash: string;
  /** SHA-256, hex, by the name of the file. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Reads what an event recorded of a report; null if it is about something else. It goes by what is stored, which the hash of the event is
 * taken of: what is shown beside it could say anything.
 */
export function recordIn(event: ExportedEvent, { report, tenant }: EvidenceSheet): ReportRecord | null {
  if (event.type !== 'ReportGenerated' || event.tenant !== tenant) return null;
  const parsed = recordedSchema.safeParse((event.stored ?? event).data);
  if (!parsed.success || parsed.data.report !== report || idIn(event.stream) !== report) return null;
  const files = new Map(parsed.data.files.map(({ name, sha256 }) => [name, sha256]));
  return { hash: event.hash, files };
}

function idIn(stream: string): string | null {
  try {
    return parseStreamName(stream).id;
  } catch {
    return null; // the line is told of as one that was not sealed
  }
}

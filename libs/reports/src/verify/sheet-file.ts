import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { EvidenceSheet } from '../evidence.js';
import { plain } from './verdict.js';

/** Longest sheet that is read, bytes: it lists files, applications and sources, never rows. */
const MOST_BYTES = 16_000_000;

const count = z.int().nonnegative();
const counts = z.record(z.string(), count);

/** What the verifier looks at; more may stand there. */
const sheetSchema = z.looseObject({
  report: z.string(),
  tenant: z.string(),
  kind: z.string(),
  version: z.int().positive(),
  from: z.string().nullable(),
  asOf: z.string(),
  knownAt: z.int().min(-1),
  positions: z.looseObject({ from: count, through: z.int().min(-1) }),
  events: z.looseObject({ sealed: count, projected: count }),
  gaps: count,
  parkedStreams: count,
  lag: count,
  rows: count,
  population: z.array(z.looseObject({ of: z.string(), recorded: count, listed: count, excluded: counts })),
  applications: counts,
  sourcesNotListed: count,
  projections: z.array(
    z.looseObject({ projection: z.string(), version: z.int().positive(), differences: count.nullable() }),
  ),
  truncated: z.boolean(),
  complete: z.boolean(),
  problems: z.array(z.string()),
  files: z
    .array(
      z.looseObject({
        // a file beside the sheet, wherever the folder is
        name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        bytes: count,
        rows: count,
      }),
    )
    .min(1)
    .max(20),
});

/** The report whose sheet a folder holds, as the sheet says, in characters fit for a terminal; null where there is no sheet. */
export async function reportIn(folder: string): Promise<string | null> {
  const sheet = await readSheet(join(folder, 'evidence.json'));
  return sheet && plain(sheet.report);
}

/** Reads a sheet; null where the file is none. */
export async function readSheet(path: string): Promise<EvidenceSheet | null> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size > MOST_BYTES) return null;
  const parsed = sheetSchema.safeParse(jsonIn(await readFile(path, 'utf8')));
  return parsed.success ? (parsed.data as unknown as EvidenceSheet) : null;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

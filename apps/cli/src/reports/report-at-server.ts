import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, type Terminal, UndecidedError } from '../command.js';
import { progress } from '../progress.js';
import type { ServerClient } from '../server-client.js';

/** A file of a report at a server. */
export interface FileAtServer {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** A report as the server tells of it. */
export interface ReportAtServer {
  readonly id: string;
  readonly kind: string;
  readonly tenant: string;
  readonly status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly progress: number;
  readonly rows: number;
  /** Whether it shows personal data. */
  readonly personal: boolean;
  readonly failure: { readonly code: string; readonly detail: string } | null;
  readonly refusedFormats: readonly { readonly format: string; readonly detail: string }[];
  readonly files: readonly FileAtServer[];
  /** The evidence sheet as a page. */
  readonly sheet: FileAtServer | null;
  /** What the evidence sheet says against the report; null until it is done. */
  readonly evidence: { readonly complete: boolean; readonly problems: readonly string[] } | null;
}

/** How often a server is asked how far it is, and how long altogether, milliseconds. */
const ASK_EVERY_MS = 500;
const LONGEST_WAIT_MS = 24 * 3_600_000;

/** Where a report is told of. @throws {UndecidedError} when it is no id */
export function pathOf(id: string): string {
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new UndecidedError(`${id} is not the id of a report.`);
  return `/api/v1/reports/${id}`;
}

/**
 * Waits until a report is finished, and shows how far it is.
 * @throws {UndecidedError} when it takes more than a day
 */
export async function finished(
  server: ServerClient,
  id: string,
  terminal: Terminal,
  json: boolean,
): Promise<ReportAtServer> {
  const shown = progress(terminal, json);
  const until = performance.now() + LONGEST_WAIT_MS;
  try {
    while (performance.now() < until) {
      const report = await server.get<ReportAtServer>(pathOf(id));
      if (report.status !== 'queued' && report.status !== 'running') return report;
      shown.show({
        label: `report ${report.kind}, ${report.status}, ${rowsText(report.rows)}`,
        done: Math.floor(report.progress * 100),
        of: 100,
      });
      await delay(ASK_EVERY_MS);
    }
  } finally {
    shown.end();
  }
  throw new UndecidedError(`The report ${id} is not finished after a day. Ask for it again with gatebook report get.`);
}

/** What a finished report means for whoever called: only one that is done has files, and only a complete one answers what was asked. */
export const exitFor = ({ status, evidence }: ReportAtServer) =>
  status === 'done' && evidence?.complete ? EXIT.done : EXIT.refused;

/** Why a finished report is not complete, a line each; none where it is. */
export function problemLines({ evidence }: ReportAtServer): string[] {
  if (!evidence || evidence.complete) return [];
  return ['Not complete:', ...evidence.problems.map((problem) => `  ✗ ${problem}`)];
}

/** A number of rows for people. */
export const rowsText = (rows: number): string => `${rows} ${rows === 1 ? 'row' : 'rows'}`;

/** A finished report for people. */
export function reportText(report: ReportAtServer): string {
  const { id, kind, status, rows, personal, failure, refusedFormats, files } = report;
  return [
    `${kind} ${id}: ${status}${status === 'done' ? `, ${rowsText(rows)}` : ''}${failure ? ` (${failure.code}: ${failure.detail})` : ''}`,
    ...(personal ? [] : ['  Personal data are withheld: it was asked for without personal:read.']),
    ...files.map(({ name, bytes, sha256 }) => `  ${name}  ${bytes} bytes  SHA-256 ${sha256}`),
    ...refusedFormats.map(({ format, detail }) => `  ${format}: ${detail}`),
  ].join('\n');
}

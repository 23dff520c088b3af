import type { Cell } from '../column.js';
import type { EvidenceFile } from '../evidence.js';
import type { SampleTerms } from './draw-sample.js';

/** An event that a sampled row rests on, with its line in the sealed log. */
export interface SampledEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly tenantPosition: number;
  readonly recordedAt: string;
  /** `kind:id`. */
  readonly actor: string;
  /** SHA-256, hex, as it was sealed. */
  readonly hash: string;
  /** As its reader may see it. */
  readonly data: unknown;
}

/** A link of the chain that tells why a grant was given, and why it ended. */
export interface SampledReason {
  readonly text: string;
  /** Id of the event that it rests on; among the row's events. */
  readonly event: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A sampled row with everything that it rests on. */
export interface SampledRow {
  readonly number: number;
  readonly digest: string;
  /** Cells by column. */
  readonly cells: Readonly<Record<string, Cell>>;
  /** Empty where the row is not about a grant. */
  readonly because: readonly SampledReason[];
  readonly events: readonly SampledEvent[];
}

/** A sample of a report: one file that needs nothing else. */
export interface SampleKit extends SampleTerms {
  readonly report: string;
  readonly tenant: string;
  readonly kind: string;
  readonly version: number;
  readonly title: string;
  readonly asOf: string;
  readonly from: string | null;
  readonly knownAt: number;
  readonly personal: boolean;
  /** Rows that it was drawn from. */
  readonly population: number;
  /** How it was drawn. */
  readonly method: string;
  /** Files of the report that it was drawn from. */
  readonly files: readonly EvidenceFile[];
  readonly rows: readonly SampledRow[];
}

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ExportManifest } from '../export/export-query.js';
import { isOrAre, many } from '../number-words.js';
import { type ExportedEvent, exportedEvent, isAsSealed } from './exported-event.js';
import { textOf } from './file-digest.js';
import { type Check, check, fails, holds } from './verdict.js';

/** Longest line that is taken, characters. */
const MOST_CHARACTERS = 16_000_000;

/** Most faults of one file that are told one by one. */
const MOST_TOLD = 20;

const span = z.looseObject({ from: z.int(), to: z.int() }).nullable();
const manifestSchema = z.looseObject({
  tenant: z.string().nullable(),
  type: z.string().nullable(),
  after: z.int().min(-1),
  through: z.int().min(-1),
  events: z.int().nonnegative(),
  positions: span,
  tenantPositions: span,
  gaps: z.int().nullable(),
  personal: z.boolean(),
  sha256: z.string(),
});

/** What an export came to. */
export interface CheckedExport {
  readonly name: string;
  /** Null where it has none: it was cut off, or says itself that it broke. */
  readonly manifest: ExportManifest | null;
  readonly checks: readonly Check[];
}

/**
 * Checks an exported part of the log: that every event has the hash of its line, ascending and dense positions, and that the manifest at its end says what the lines are.
 * Bounded memory.
 * @param onEvent told of every event
 */
export async function checkExport(
  path: string,
  name: string,
  onEvent: (event: ExportedEvent) => void = () => {},
): Promise<CheckedExport> {
  const reading = new Reading(name, onEvent);
  try {
    for await (const line of linesOf(textOf(path))) reading.take(line);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return { name, manifest: null, checks: [fails(name, 'It is no exported log, which is lines of JSON in UTF-8.')] };
  }
  return reading.end();
}

class Reading {
  readonly #hash = createHash('sha256');
  readonly #faults: Check[] = [];
  #told = 0;
  #events = 0;
  #shownOtherwise = 0;
  #first: ExportedEvent | null = null;
  #last: ExportedEvent | null = null;
  #manifest: ExportManifest | null = null;
  #broken: string | null = null;
  #missing = { positions: 0, tenantPositions: 0 };

  constructor(
    private readonly name: string,
    private readonly onEvent: (event: ExportedEvent) => void,
  ) {}

  take(line: string): void {
    if (this.#manifest || this.#broken) this.#fault('Something follows upon its last line.');
    else this.#read(line);
  }

  #read(line: string): void {
    const value = JSON.parse(line) as { manifest?: unknown; error?: { message?: unknown } } | null;
    if (value?.manifest !== undefined) this.#manifest = this.#manifestIn(value.manifest);
    else if (value?.error !== undefined) this.#broken = `It broke off: ${String(value.error.message)}`;
    else this.#event(line, exportedEvent(value));
  }

  end(): CheckedExport {
    const { name } = this;
    const manifest = this.#manifest;
    const more = this.#told - this.#faults.length;
    const faults = more > 0 ? [...this.#faults, fails(name, `${many(more, 'more fault')}.`)] : this.#faults;
    if (!manifest)
      return {
        name,
        manifest,
        checks: [...faults, fails(name, this.#broken ?? 'It is cut off: it has no manifest at its end.')],
      };
    const own =
      this.#told === 0
        ? [
            holds(
              name,
              `It has ${many(this.#events, 'event')}, each with the hash that its line states; ${this.#besides()}.`,
            ),
          ]
        : [];
    return { name, manifest, checks: [...own, ...faults, ...this.#againstManifest(manifest)] };
  }

  /** The hash is taken of what is stored: what is shown in its place could be anything. */
  #besides(): string {
    return this.#shownOtherwise === 0
      ? 'each is shown as it is stored'
      : `${this.#shownOtherwise} of them ${isOrAre(this.#shownOtherwise)} shown otherwise than stored, and the hash vouches for what is stored`;
  }

  #event(line: string, event: ExportedEvent | null): void {
    this.#hash.update(`${line}\n`);
    this.#events += 1;
    if (event) this.#check(event);
    else this.#fault(`Line ${this.#events} tells of no event.`);
  }

  #check(event: ExportedEvent): void {
    if (!isAsSealed(event))
      this.#fault(`The event at position ${event.position} does not have the hash that its line states.`);
    if (event.stored) this.#shownOtherwise += 1;
    if (this.#last && event.position <= this.#last.position) this.#fault(`Position ${event.position} is out of order.`);
    if (this.#last) this.#count(this.#last, event);
    this.#first ??= event;
    this.#last = event;
    this.onEvent(event);
  }

  #count(before: ExportedEvent, event: ExportedEvent): void {
    this.#missing.positions += event.position - before.position - 1;
    this.#missing.tenantPositions += event.tenantPosition - before.tenantPosition - 1;
  }

  #againstManifest(manifest: ExportManifest): Check[] {
    const { name } = this;
    const { events, sha256, tenant, type, gaps, positions, after, through } = manifest;
    const [first, last] = [this.#first?.position ?? null, this.#last?.position ?? null];
    const inside = (last ?? through) <= through && (first ?? after + 1) > after;
    const sameEnds = (positions?.from ?? null) === first && (positions?.to ?? null) === last && inside;
    const missing = tenant === null ? this.#missing.positions : this.#missing.tenantPositions;
    const digest = this.#hash.digest('hex');
    return [
      check(
        name,
        events === this.#events,
        `It has ${many(events, 'event')}, as its manifest says.`,
        `It has ${many(this.#events, 'event')}; its manifest says ${events}.`,
      ),
      check(
        name,
        sha256 === digest,
        `SHA-256 of its lines ${digest}.`,
        `The SHA-256 of its lines is ${digest}; its manifest says ${sha256}.`,
      ),
      check(
        name,
        sameEnds,
        after < through ? `Positions ${after + 1} to ${through}.` : `Nothing after position ${after}.`,
        'Its first or last position is not what its manifest says.',
      ),
      ...(type === null
        ? [
            check(
              name,
              missing === 0 && gaps === 0,
              'No position is missing.',
              missingText(Math.max(missing, gaps ?? 0)),
            ),
          ]
        : []),
      ...(tenant === null
        ? []
        : [
            check(
              name,
              this.#isOf(manifest),
              `All of the tenant ${tenant}.`,
              `Not everything is of the tenant ${tenant}, as its manifest says.`,
            ),
          ]),
    ];
  }

  /** Dense and ascending tenant positions at both ends leave no room for another tenant's events in between. */
  #isOf({ tenant, tenantPositions }: ExportManifest): boolean {
    if (!this.#first || !this.#last) return tenantPositions === null;
    return (
      this.#first.tenant === tenant &&
      this.#last.tenant === tenant &&
      tenantPositions?.from === this.#first.tenantPosition &&
      tenantPositions.to === this.#last.tenantPosition
    );
  }

  #manifestIn(value: unknown): ExportManifest | null {
    const parsed = manifestSchema.safeParse(value);
    if (!parsed.success) this.#broken = 'Its manifest is none.';
    return parsed.success ? (parsed.data as ExportManifest) : null;
  }

  #fault(says: string): void {
    this.#told += 1;
    if (this.#faults.length < MOST_TOLD) this.#faults.push(fails(this.name, says));
  }
}

const missingText = (count: number): string => `${many(count, 'position')} ${isOrAre(count)} missing.`;

async function* linesOf(text: AsyncIterable<string>): AsyncIterable<string> {
  let rest = '';
  for await (const piece of text) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MOST_CHARACTERS) throw new SyntaxError('A line does not end.');
    yield* lines;
  }
  if (rest !== '') yield rest;
}

import type { EvidenceSheet } from '../evidence.js';
import type { ExportManifest } from '../export/export-query.js';
import { many } from '../number-words.js';
import type { CheckedExport } from './check-export.js';
import type { Looked } from './check-vouched.js';
import { type Check, check, fails, type Unchecked, unchecked } from './verdict.js';

/** An export whose manifest could be read. */
interface Whole {
  readonly name: string;
  readonly manifest: ExportManifest;
}

/**
 * Checks exports against each other and against the sheet: parts of the same log have to follow upon each other, and where together they
 * reach from the beginning to `knownAt`, they must hold as many events of the tenant as the sheet says. Where they do not reach, it says so.
 * @param counts events of the sheet's tenant up to its `knownAt`, by file
 */
export function checkExports(
  sheet: EvidenceSheet,
  exports: readonly CheckedExport[],
  counts: ReadonlyMap<string, number>,
): Looked {
  const whole = exports.flatMap(({ name, manifest }) => (manifest ? [{ name, manifest }] : []));
  const chains = [...Map.groupBy(whole, ({ manifest: { tenant, type } }) => JSON.stringify([tenant, type])).values()];
  const sorted = chains.map((chain) => chain.sort((one, other) => one.manifest.after - other.manifest.after));
  return {
    checks: sorted.flatMap((parts) => [...checkChain(parts), ...checkCover(sheet, parts, counts)]),
    unchecked: sorted.flatMap((parts) => uncovered(sheet, parts)),
  };
}

function checkChain(parts: readonly Whole[]): Check[] {
  return parts.slice(1).map((part, index) => {
    const before = parts[index] as Whole;
    const follows = part.manifest.after === before.manifest.through && numbersFollow(before.manifest, part.manifest);
    const otherwise = `It begins after position ${part.manifest.after}; ${before.name} ends with ${before.manifest.through}.`;
    return check(part.name, follows, `It follows upon ${before.name}.`, otherwise);
  });
}

function numbersFollow(
  { tenantPositions: before, type }: ExportManifest,
  { tenantPositions: after }: ExportManifest,
): boolean {
  return type !== null || !before || !after || after.from === before.to + 1;
}

function checkCover(sheet: EvidenceSheet, parts: readonly Whole[], counts: ReadonlyMap<string, number>): Check[] {
  const { tenant, knownAt, events } = sheet;
  const [first] = parts;
  if (!first) return [];
  if (first.manifest.tenant !== null && first.manifest.tenant !== tenant)
    return [fails(first.name, `It is the log of the tenant ${first.manifest.tenant}; the report is about ${tenant}.`)];
  if (uncovered(sheet, parts).length > 0) return [];
  const counted = parts.reduce((sum, { name }) => sum + (counts.get(name) ?? 0), 0);
  const says = `The exported log holds ${many(counted, 'event')} of the tenant up to position ${knownAt}`;
  return [
    check(
      'evidence.json',
      counted === events.sealed,
      `${says}, as the sheet says.`,
      `${says}; the sheet says ${events.sealed}.`,
    ),
  ];
}

/** Why the events that the sheet counted cannot be counted again from these parts; nothing where they can. */
function uncovered({ knownAt }: EvidenceSheet, parts: readonly Whole[]): Unchecked[] {
  const [first, last] = [parts[0], parts.at(-1)];
  if (!first || !last) return [];
  const { after, type } = first.manifest;
  if (type !== null)
    return [unchecked(first.name, `It has events of the type ${type} only: gaps and numbers cannot be told.`)];
  if (after === -1 && last.manifest.through >= knownAt) return [];
  const beginning = after === -1 ? 'at the beginning' : `after position ${after}`;
  return [
    unchecked(
      first.name,
      `The log in the folder begins ${beginning} and ends with ${last.manifest.through}. To count its events again, it has to reach from the beginning to ${knownAt}.`,
    ),
  ];
}

import type { Projection } from '../projecting/projection.js';
import { PROJECTIONS } from '../projections.js';
import { UnknownProjectionError } from './rebuilding.errors.js';

/** The projections of these names, each once; all of them for none. @throws {UnknownProjectionError} for a name that none has */
export function findProjections(names: readonly string[]): readonly Projection[] {
  if (names.length === 0) return PROJECTIONS;
  return [...new Set(names)].map((name) => {
    const found = PROJECTIONS.find((projection) => projection.name === name);
    if (!found) throw new UnknownProjectionError(PROJECTIONS.map((one) => one.name));
    return found;
  });
}

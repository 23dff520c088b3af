import { DomainError } from '#libs/kernel';

/** What the target holds is not the beginning of what the source holds. */
export class CopyTargetDiffersError extends DomainError {
  readonly code = 'copy-target-differs';
  readonly kind = 'conflict';
  /** @param events how many events at the beginning are the same */
  constructor(events: number) {
    super(
      `The target is not the beginning of the source: the first ${events} events are the same, then the target holds another one, or one more. It must be empty, or hold what an earlier run of this command has copied. Name an empty target; if nothing else writes to it, the source may have been set back.`,
    );
  }
}

/** The source, read again, is not what was copied. */
export class CopyIncompleteError extends DomainError {
  readonly code = 'copy-incomplete';
  readonly kind = 'unavailable';
  /** @param events how many events at the beginning are the same */
  constructor(events: number) {
    super(
      `Read again, source and target agree in their first ${events} events and no further. Do not use the target; look at both, and copy to an empty one.`,
    );
  }
}

/** Somebody asked to stop. */
export class CopyStoppedError extends DomainError {
  readonly code = 'copy-stopped';
  readonly kind = 'unavailable';
  /** @param events how many events the target holds */
  constructor(events: number) {
    super(
      `Stopped. The target holds the first ${events} events, each as it was. Run the same command again: it goes on there.`,
    );
  }
}

import { DomainError } from '#libs/kernel';

/** There is no projection of that name. */
export class UnknownProjectionError extends DomainError {
  readonly code = 'unknown-projection';
  readonly kind = 'notFound';
  constructor(known: readonly string[]) {
    super(`There is no projection of that name. Known are: ${known.join(', ')}.`);
  }
}

/** Somebody rebuilds or verifies this projection already. */
export class RebuildUnderWayError extends DomainError {
  readonly code = 'rebuild-under-way';
  readonly kind = 'conflict';
  constructor(projection: string) {
    super(
      `The projection ${projection} is being rebuilt or verified already. Wait until that is done; if its process died, try again in ten seconds.`,
    );
  }
}

/** The log holds what this software does not understand, so it must not rebuild over it. */
export class RebuildTooOldError extends DomainError {
  readonly code = 'rebuild-needs-newer-software';
  readonly kind = 'conflict';
  constructor(projection: string, type: string, position: number) {
    super(
      `The projection ${projection} cannot be rebuilt: the event at position ${position} (${type}) was recorded by a later version of Gatebook. Use that version.`,
    );
  }
}

/** The live tables were in use, or went on, whenever the switch was tried. */
export class SwitchNotPossibleError extends DomainError {
  readonly code = 'rebuild-switch-not-possible';
  readonly kind = 'unavailable';
  constructor(projection: string) {
    super(
      `The new tables of ${projection} are complete, but the live ones were in use each time the switch was tried. Run the rebuild again: it goes on from here.`,
    );
  }
}

/** The live tables went on although they were held, whenever they were compared: this process was held up for seconds each time. */
export class LiveMovedOnError extends DomainError {
  readonly code = 'rebuild-live-moved-on';
  readonly kind = 'unavailable';
  constructor(projection: string) {
    super(
      `The live tables of ${projection} went on each time they were compared, so nothing can be said of them. Run it again while the machine is less busy: it goes on from here.`,
    );
  }
}

/** Whoever asked for it broke it off, or the exclusive right to rebuild was lost. Nothing live was changed. */
export class RebuildInterruptedError extends DomainError {
  readonly code = 'rebuild-interrupted';
  readonly kind = 'unavailable';
  constructor(projection: string) {
    super(
      `The rebuild of ${projection} was interrupted; the live tables are as they were. Run it again: it goes on where it stopped.`,
    );
  }
}

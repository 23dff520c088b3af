import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/database';
import { DATABASE, ReadModelBehindError, waitForPosition } from '#libs/platform';
import { readPosition } from '#libs/read-model';

/** The read model, as far as a question needs it. */
@Injectable()
export class ReadingPlace {
  constructor(@Inject(DATABASE) readonly database: Database) {}

  /**
   * Waits for what the caller has written.
   * @param minPosition token of a command that the answer must have seen
   * @returns position that the read model has reached
   * @throws {ReadModelBehindError} when it does not come that far in time
   */
  async reached(minPosition: string | undefined): Promise<number> {
    await waitForPosition({ read: async () => (await readPosition(this.database)).storePosition, token: minPosition });
    return (await readPosition(this.database)).position;
  }

  /** Likewise for pages, which rather show what there is than nothing. */
  async reachedSoon(minPosition: string | undefined): Promise<number> {
    try {
      return await this.reached(minPosition);
    } catch (error) {
      if (!(error instanceof ReadModelBehindError)) throw error;
      return this.reached(undefined);
    }
  }
}

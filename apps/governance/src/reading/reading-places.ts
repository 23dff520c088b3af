import { Inject, Injectable } from '@nestjs/common';
import { BEFORE_SEALED, type ReadingPlace } from '#libs/bus';
import type { Database, Lease } from '#libs/database';
import { DATABASE } from '#libs/platform';

/** Where reading goes on in each partition. */
@Injectable()
export class ReadingPlaces {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** The place in a partition; before everything where nothing was read yet. */
  async of(partition: number): Promise<ReadingPlace> {
    const { rows } = await this.database.query<ReadingPlace>(
      'select position, bookmark from governance.places where partition = $1',
      [partition],
    );
    return rows[0] ?? { position: BEFORE_SEALED, bookmark: null };
  }

  /** Moves a place forward; one that is further already stays. @throws {LeaseLostError} when somebody else reads now */
  async move(partition: number, { position, bookmark }: ReadingPlace, lease: Pick<Lease, 'guard'>): Promise<void> {
    await this.database.transaction(async (client) => {
      await lease.guard(client);
      await client.query(
        `insert into governance.places as place (partition, position, bookmark) values ($1, $2, $3)
         on conflict (partition) do update set position = $2, bookmark = $3, updated_at = clock_timestamp()
          where place.position < $2`,
        [partition, position, bookmark],
      );
    });
  }
}

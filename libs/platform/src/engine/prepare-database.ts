import { prepareTemplate } from '#libs/database';
import { endBelonging } from '#libs/ledger';
import { MIGRATIONS } from './migrations.js';

/** Makes the database that new data folders are copied from; part of the build. */
export function prepareDatabase(): Promise<void> {
  return prepareTemplate({ schema: MIGRATIONS, strip: endBelonging });
}

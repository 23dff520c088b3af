import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from '../database.js';
import { type Migration, migrate } from '../migrations.js';
import { keepEmptyTemplate, keepTemplate, templateOf } from './creation.js';
import { CLUSTER, openEmbedded } from './open-embedded.js';

/** What a new database holds before it is used for the first time. */
export interface DatabaseTemplate {
  readonly schema: readonly Migration[];
  /** Takes out of the migrated database what no two databases may have in common, such as an id that it made for itself. */
  readonly strip: (database: Database) => Promise<void>;
}

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * Makes the database that new ones are copied from, once per version of PGlite and schema, in `node_modules/.cache`; templates of other
 * schemas are removed. Called by the build: a first start then neither creates a cluster (four seconds) nor migrates it (one).
 * Where the cache cannot be written nothing is made, and first starts take that long.
 */
export async function prepareTemplate({ schema, strip }: DatabaseTemplate): Promise<void> {
  const empty = await keepEmptyTemplate();
  if (empty === null) return;
  const template = await keepTemplate(templateOf(schema), (folder) => migrated(folder, { schema, strip }));
  if (template !== null) removeOthers(empty, template);
}

/** The folder becomes the cluster itself, without what else belongs to a data folder. */
async function migrated(folder: string, { schema, strip }: DatabaseTemplate): Promise<void> {
  const dataDir = `${folder}.data`;
  try {
    const database = await openEmbedded({ dataDir, log: quiet });
    await migrate(database, schema)
      .then(() => strip(database))
      .finally(() => database.close());
    fs.rmdirSync(folder);
    fs.renameSync(join(dataDir, CLUSTER), folder);
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
}

function removeOthers(empty: string, template: string): void {
  const cache = dirname(template);
  const stale = fs
    .readdirSync(cache)
    .filter((name) => name.startsWith(`${basename(empty)}-`) && name !== basename(template));
  for (const name of stale) fs.rmSync(join(cache, name), { recursive: true, force: true });
}

import { workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/** Makes an empty PostgreSQL cluster and ends. In a thread of its own, because initdb takes a gigabyte of memory that only a dying thread gives back. */
const { folder } = workerData as { folder: string };
const database = await PGlite.create({ dataDir: folder });
await database.close();

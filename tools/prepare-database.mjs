/** Makes the database that first starts copy: half a second then instead of five. Part of the build. */
const { prepareDatabase } = await import(new URL('../dist/libs/platform/src/index.js', import.meta.url).href);
await prepareDatabase();

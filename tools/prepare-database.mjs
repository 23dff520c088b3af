/** Makes the empty embedded database that first starts copy: half a second then instead of four. Part of the build. */
const { prepareTemplate } = await import(new URL('../dist/libs/database/src/index.js', import.meta.url).href);
await prepareTemplate();

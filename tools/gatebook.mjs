#!/usr/bin/env node
/** The command line: `npx gatebook …` or `npm run -s gatebook -- …`. Sets up what it needs, then runs apps/cli on the pinned Node. */
import { ensureBuilt } from './ensure-built.mjs';
import { nodePath, pinnedEnvironment, ROOT } from './pinned-node.mjs';
import { runCommand } from './run-command.mjs';
import { runEntryPoint } from './set-up-error.mjs';

await runEntryPoint(async () => {
  await ensureBuilt();
  const args = ['--liftoff-only', `${ROOT}dist/apps/cli/src/main.js`, ...process.argv.slice(2)];
  process.exitCode = await runCommand(nodePath(), args, { env: pinnedEnvironment() });
});

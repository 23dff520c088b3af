/** Rebuilds and restarts on every edit: `npm run dev` for everything in one process, `npm run dev -- gate` for one server. */
import { ensureInstalled } from './ensure-installed.mjs';
import { nodePath, pinnedEnvironment, ROOT } from './pinned-node.mjs';
import { runCommand } from './run-command.mjs';
import { runEntryPoint } from './set-up-error.mjs';

await runEntryPoint(async () => {
  await ensureInstalled();
  const [app = 'all', ...args] = process.argv.slice(2);
  const command = [`${ROOT}node_modules/@nestjs/cli/bin/nest.js`, 'start', app, '--watch', ...args];
  // The Nest CLI alone would leave its server behind when it is told to end; signals to the group reach both.
  process.exitCode = await runCommand(nodePath(), command, { cwd: ROOT, env: pinnedEnvironment(), wholeGroup: true });
});

/** `npm run chaos`: builds where needed, then runs the installation under faults on the pinned Node. */
import { ensureBuilt } from './ensure-built.mjs';
import { nodePath, pinnedEnvironment, ROOT } from './pinned-node.mjs';
import { runCommand } from './run-command.mjs';
import { runEntryPoint } from './set-up-error.mjs';

await runEntryPoint(async () => {
  await ensureBuilt();
  // The reader that checks the topic is a plain kafkajs, whose timers Node complains about.
  const command = ['--disable-warning=TimeoutNegativeWarning', `${ROOT}test/chaos/main.mjs`, ...process.argv.slice(2)];
  process.exitCode = await runCommand(nodePath(), command, { cwd: ROOT, env: pinnedEnvironment() });
});

/** Runs one benchmark, `npm run bench -- NAME [arguments]`, as the servers run: built, with the same Node and flags. */
import { readdirSync } from 'node:fs';
import { ensureBuilt } from './ensure-built.mjs';
import { nodePath, pinnedEnvironment, ROOT } from './pinned-node.mjs';
import { runCommand } from './run-command.mjs';
import { runEntryPoint, SetUpError } from './set-up-error.mjs';

const SUFFIX = '.bench.ts';

await runEntryPoint(async () => {
  const [name, ...args] = process.argv.slice(2);
  const names = readdirSync(`${ROOT}bench`).flatMap((file) =>
    file.endsWith(SUFFIX) ? [file.slice(0, -SUFFIX.length)] : [],
  );
  if (!names.includes(name)) throw new SetUpError(`Say which benchmark to run: npm run bench -- ${names.join(' | ')}`);
  await ensureBuilt();
  const command = [
    '--liftoff-only',
    '--max-semi-space-size=4',
    '--heap-growing-percent=80',
    '--expose-gc',
    `${ROOT}dist/bench/${name}.bench.js`,
    ...args,
  ];
  process.exitCode = await runCommand(nodePath(), command, { cwd: ROOT, env: pinnedEnvironment() });
});

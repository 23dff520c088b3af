/**
 * `npm run cluster`: everything as separate processes on this machine, without Docker, behind one address.
 *   up [--foreground] [--without-kafka]   starts what does not run (the default)
 *   down                                  ends what was started here
 *   status                                says what runs
 */
import { ensureBuilt } from '../ensure-built.mjs';
import { nodePath, pinnedEnvironment, ROOT } from '../pinned-node.mjs';
import { runCommand } from '../run-command.mjs';
import { runEntryPoint, SetUpError } from '../set-up-error.mjs';
import { withSetUpLock } from '../set-up-lock.mjs';
import { readState } from './cluster-state.mjs';
import { isAlive } from './process-identity.mjs';
import { stopCluster } from './stop-cluster.mjs';

const FOLDER = `${ROOT}.cluster`;
const USAGE = 'Usage: npm run cluster -- [up [--foreground] [--without-kafka] | down | status]';
const FLAGS = ['--foreground', '--without-kafka'];

const COMMANDS = {
  async up(flags) {
    const unknown = flags.find((flag) => !FLAGS.includes(flag));
    if (unknown) throw new SetUpError(`There is no ${unknown}. ${USAGE}`);
    await ensureBuilt();
    const args = [`${ROOT}tools/cluster/up.mjs`, FOLDER, ...flags];
    process.exitCode = await runCommand(nodePath(), args, { env: pinnedEnvironment() });
  },

  async down() {
    const lines = await withSetUpLock(`${FOLDER}/lock`, () => stopCluster(FOLDER));
    process.stdout.write(lines.length > 0 ? `${lines.join('\n')}\n` : 'Nothing was started here.\n');
  },

  async status() {
    const { processes, ports } = readState(FOLDER);
    const lines = Object.entries(processes).map(([name, identity]) => {
      const where = `process ${identity.pid}, port ${ports[name]}`;
      return `${name.padEnd(12)} ${isAlive(identity) ? `runs     ${where}` : `has ended   see .cluster/logs/${name}.log`}`;
    });
    process.stdout.write(lines.length > 0 ? `${lines.join('\n')}\n` : 'Nothing was started here.\n');
    process.exitCode = lines.length > 0 && Object.values(processes).every(isAlive) ? 0 : 1;
  },
};

await runEntryPoint(async () => {
  const [word = 'up', ...flags] = process.argv[2]?.startsWith('-')
    ? ['up', ...process.argv.slice(2)]
    : process.argv.slice(2);
  if (!Object.hasOwn(COMMANDS, word)) throw new SetUpError(USAGE);
  await COMMANDS[word](flags);
});

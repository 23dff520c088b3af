import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  ApplyConfiguration,
  type Configuration,
  fileReferences,
  readConfiguration,
  StandingGrants,
  withMetadataFiles,
} from '#libs/configuration';
import { deriveId } from '#libs/event-store';
import { type CommandMetadata, INSTALLATION_TENANT, system } from '#libs/kernel';
import type { Engine } from '#libs/platform';
import {
  type Arguments,
  answer,
  type CommandLineCommand,
  EXIT,
  JSON_FLAG,
  type Terminal,
  textFlag,
  WrongUseError,
} from '../command.js';
import { type Access, withInstallation } from '../installation.js';
import { planText, type ShownPlan } from '../plan-text.js';

/** Accounts between two lines of progress. */
const PROGRESS_EVERY = 500;

/** Takes the line of progress off a screen. */
const CLEAR_LINE = '\r\u001b[K';

interface Asked {
  readonly configuration: Configuration;
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly confirm: string | undefined;
  readonly reason: string;
}

interface Outcome extends ShownPlan {
  readonly applied: boolean;
}

/** `gatebook apply`: makes the installation what a file says. */
export const applyCommand: CommandLineCommand = {
  name: 'apply',
  summary: 'make the installation what a configuration file says',
  usage: 'apply FILE [--dry-run] [--prune] [--confirm HASH] [--reason TEXT] [--json]',
  explanation:
    'Prints one line for each change: + created, ~ changed, - removed; ! says which grants would end and what else\n' +
    'follows; i tells what may not be expected.\n' +
    'Removals, losses above the tenant’s guard.maxLossPercent, and changes after which people are not recognised (another directory or\n' +
    'subject of a connection, a dropped directory), or that would keep roles apart which people hold together, need --confirm with the hash\n' +
    'that the dry run printed.',
  positionals: 1,
  flags: {
    'dry-run': { type: 'boolean', about: 'print what would change and change nothing' },
    prune: {
      type: 'boolean',
      about: 'remove what the file no longer names; without it, absent connections are disabled',
    },
    confirm: { type: 'string', about: 'the hash that the dry run printed' },
    reason: { type: 'string', about: 'recorded with every change' },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const [file] = args.positionals as [string];
    const asked: Asked = {
      configuration: await configurationIn(file, terminal),
      prune: args.flags['prune'] === true,
      dryRun: args.flags['dry-run'] === true,
      confirm: textFlag(args, 'confirm'),
      reason: textFlag(args, 'reason') ?? 'gatebook apply',
    };
    const outcome = await withInstallation(terminal, { mayCreate: true }, (access) =>
      carryOut(access, asked, terminal),
    );
    show(outcome, args, terminal);
    return EXIT.done;
  },
};

async function configurationIn(file: string, { env }: Terminal): Promise<Configuration> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new WrongUseError(`The file ${file} cannot be read.`);
  });
  return withMetadataFiles(readConfiguration(text, fileReferences(dirname(file), env)), new Date());
}

async function carryOut(access: Access, asked: Asked, terminal: Terminal): Promise<Outcome> {
  const { configuration, prune, dryRun, confirm, reason } = asked;
  if (access.kind === 'server') {
    // JSON is YAML; references were resolved here, where their files are
    const body = { yaml: JSON.stringify(configuration), prune, dryRun, reason, ...(confirm ? { confirm } : {}) };
    return access.server.post<Outcome>('/api/v1/configuration', body, randomUUID());
  }
  const { engine, environment } = access;
  const configurations = applyWith(engine, environment.publicUrl);
  const request = { configuration, prune, onProgress: progressOn(terminal) };
  try {
    if (dryRun) return { ...(await configurations.plan(request)), applied: false };
    const metadata = metadataFor(engine, await configurations.hashOf(configuration));
    const done = await configurations.apply({ ...request, confirm, reason, metadata });
    const { changes, losses, warnings, remarks } = done;
    return { changes, losses, warnings, remarks, confirm: null, applied: true };
  } finally {
    if (terminal.isScreen) terminal.err(CLEAR_LINE);
  }
}

function applyWith(
  { database, store, codec, catalog, writePath, keyring, secretValues: secrets }: Engine,
  publicUrl: string,
) {
  const standing = new StandingGrants({ database, store, codec });
  return new ApplyConfiguration({ catalog, path: writePath, keyring, standing, secrets, publicUrl });
}

/** On the host nobody is known by name: whoever may open the data may apply. */
function metadataFor({ keyring, clock }: Engine, hash: string): CommandMetadata {
  const commandId = randomUUID();
  return {
    tenant: INSTALLATION_TENANT,
    actor: system('command-line'),
    commandId,
    commandDigest: keyring.lookupHmac('command', hash),
    correlationId: commandId,
    now: clock.now().toISOString(),
    deriveId: (name) => deriveId(commandId, name),
  };
}

function progressOn({ isScreen, err }: Terminal): (accounts: number) => void {
  return (accounts) => {
    if (accounts % PROGRESS_EVERY !== 0) return;
    err(isScreen ? `\r${accounts} accounts looked at` : `${accounts} accounts looked at\n`);
  };
}

function show(outcome: Outcome, args: Arguments, terminal: Terminal): void {
  const { changes, losses, warnings, remarks, confirm, applied } = outcome;
  const done =
    applied && changes.length > 0 ? `\nApplied: ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}.` : '';
  const shown = { changes, losses, warnings, remarks, confirm };
  answer(terminal, args, { ...shown, applied }, `${planText(shown)}${done}`);
}

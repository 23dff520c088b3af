import { answer, type CommandLineCommand, EXIT, JSON_FLAG, textFlag, WrongUseError } from '../command.js';
import { serverToAsk } from '../installation.js';
import { download } from '../reports/download.js';
import { pathOf } from '../reports/report-at-server.js';

/** `gatebook report sample`: a reproducible sample of a finished report, with the chain of evidence of each row. */
export const reportSampleCommand: CommandLineCommand = {
  name: 'report sample',
  summary: 'draw a reproducible sample from a report, each row with its evidence',
  usage: 'report sample ID --seed TEXT --size NUMBER --out FILE [--json]',
  explanation:
    'Takes the rows with the smallest SHA-256 of seed, line feed and row number: the same seed gives the same rows, and whoever has the data file\n' +
    'can check the choice. FILE ends in .html or .json and holds everything: the rows, and the events that each rests on, with their hashes.\n' +
    'GATEBOOK_URL names the server, GATEBOOK_API_KEY a key with audit:read. The reading is recorded.',
  positionals: 1,
  flags: {
    seed: { type: 'string', about: 'any text of at most 100 characters; the auditor chooses it (required)' },
    size: { type: 'string', about: 'how many rows, 1 to 100 (required)' },
    out: { type: 'string', about: 'the file to write, .html or .json (required)' },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const [id] = args.positionals as [string];
    const [seed, size, out] = [textFlag(args, 'seed'), textFlag(args, 'size'), textFlag(args, 'out')];
    if (!seed || !size || !out) throw new WrongUseError('--seed TEXT, --size NUMBER and --out FILE are needed.');
    const format = /\.(html|json)$/.exec(out)?.[1];
    if (!format) throw new WrongUseError('--out takes a file that ends in .html or .json.');
    const query = new URLSearchParams({ seed, size, format });
    const sha256 = await download(serverToAsk(terminal, 'audit:read'), `${pathOf(id)}/sample?${query}`, out);
    answer(terminal, args, { file: out, sha256 }, `${out}  SHA-256 ${sha256}`);
    return EXIT.done;
  },
};

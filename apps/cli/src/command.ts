/** Exit codes: done; refused or invalid; could not decide, or wrong use. */
export const EXIT = { done: 0, refused: 1, undecided: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Where a command reads and writes; the process, or a test. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes what was asked for. */
  readonly out: (text: string) => void;
  /** Writes what a person should know besides. */
  readonly err: (text: string) => void;
  /** Whether `err` is a screen, on which a line can be written over. */
  readonly isScreen: boolean;
}

/** What stands after the name of a command. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

/** One thing that the command line can do. */
export interface CommandLineCommand {
  /** As typed, such as `saml check`. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** Everything after `gatebook`, on one line. */
  readonly usage: string;
  /** More for its `--help`. */
  readonly explanation: string;
  /** How many words it takes besides its flags: exactly so many, or at least. */
  readonly positionals: number | { readonly atLeast: number };
  readonly flags: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly about: string }>>;
  readonly run: (args: Arguments, terminal: Terminal) => Promise<ExitCode>;
}

/** The command was not used as its help says. */
export class WrongUseError extends Error {}

/** Something outside prevents a decision: no server, no key, no data. */
export class UndecidedError extends Error {}

/** The flag that every command has. */
export const JSON_FLAG = { json: { type: 'boolean', about: 'print JSON' } } as const;

/** Prints an answer: as JSON where asked, for people otherwise. */
export function answer({ out }: Terminal, { flags }: Arguments, json: unknown, text: string): void {
  out(flags['json'] ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`);
}

/** A flag's text, if it was given. */
export function textFlag({ flags }: Arguments, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

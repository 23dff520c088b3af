import { parseArgs } from 'node:util';

/** A whole number that may be given as `--NAME N`. */
export interface NumberArgument {
  readonly default: number;
  readonly least: number;
  readonly most: number;
}

/** What the command line of a benchmark says. */
export interface Arguments<N extends string, C extends string> {
  readonly numbers: Readonly<Record<N, number>>;
  /** What `--only` names; null for everything. */
  readonly only: C | null;
}

/** Reads `--NAME N` and `--only CHOICE`. What is wrong is said with what would be right, and ends the process with code 2. */
export function readArguments<N extends string, C extends string>(
  known: Readonly<Record<N, NumberArgument>>,
  choices: readonly C[],
): Arguments<N, C> {
  try {
    return checked(known, choices);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

function checked<N extends string, C extends string>(
  known: Readonly<Record<N, NumberArgument>>,
  choices: readonly C[],
): Arguments<N, C> {
  const names = Object.keys(known) as N[];
  const options = Object.fromEntries([...names, 'only'].map((name) => [name, { type: 'string' } as const]));
  const { values } = parseArgs({ options });
  const numbers = names.map((name) => [name, whole(name, values[name] as string | undefined, known[name])] as const);
  const only = choices.find((choice) => choice === values['only']) ?? null;
  if (values['only'] !== undefined && only === null) throw new Error(`--only is one of ${choices.join(', ')}.`);
  return { numbers: Object.fromEntries(numbers) as Record<N, number>, only };
}

function whole(name: string, text: string | undefined, { default: usual, least, most }: NumberArgument): number {
  const value = Number(text ?? usual);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} must be a whole number from ${least} to ${most}.`);
}

/** One thing that was looked at. */
export interface Check {
  /** The file that it is about, or `report`. */
  readonly about: string;
  readonly holds: boolean;
  /** What was found, in a sentence. */
  readonly says: string;
}

/** One thing that was not looked at, and why. */
export type Unchecked = Omit<Check, 'holds'>;

/** Hashes that did not come with the folder: from the server, from whoever made the report, from an earlier copy of the log. */
export interface TrustedHashes {
  /** SHA-256, hex, of files of the folder; `evidence.json` vouches for the files that it lists. */
  readonly files?: Readonly<Record<string, string>>;
  /** The hash, hex, that was sealed for the event `ReportGenerated` of the report. */
  readonly record?: string;
}

/** What looking at a folder came to. */
export interface FolderVerdict {
  /**
   * `valid`: everything holds, and a trusted hash vouches for the sheet. `consistent`: everything holds, by the folder's own word only:
   * whoever can write files can make such a folder. `incomplete`: the files are what the sheet says, and the sheet says itself that
   * something is missing. `invalid`: something is not as the sheet says. `undecided`: there is no sheet to judge by.
   */
  readonly verdict: 'valid' | 'consistent' | 'incomplete' | 'invalid' | 'undecided';
  /** Which report, of whom, as its sheet says; null without a sheet. */
  readonly report: {
    readonly id: string;
    readonly kind: string;
    readonly tenant: string;
    /** Begin of its period; null where it is of a moment, or from the beginning of the log. */
    readonly from: string | null;
    readonly asOf: string;
    readonly knownAt: number;
    readonly rows: number;
  } | null;
  /** SHA-256, hex, of the sheet itself: to be compared with what the server says, or with what `ReportGenerated` recorded. */
  readonly sheetSha256: string | null;
  /** Whether an exported log in the folder tells of the report, so that the sheet too was checked. */
  readonly recorded: boolean;
  readonly checks: readonly Check[];
  /** What nothing in the folder can vouch for. */
  readonly unchecked: readonly Unchecked[];
}

/** Longest sentence that is told, characters. */
const MOST_CHARACTERS = 500;

/**
 * Text from files that nobody vouches for, fit for a terminal: without control and formatting characters, which could clear what was
 * said before or turn it around, and at most 500 characters.
 */
export function plain(text: string): string {
  const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}

/** A check that holds. */
export const holds = (about: string, says: string): Check => ({ about: plain(about), holds: true, says: plain(says) });

/** A check that does not. */
export const fails = (about: string, says: string): Check => ({ about: plain(about), holds: false, says: plain(says) });

/** A check that holds or not. @param otherwise what to say when it does not */
export const check = (about: string, ok: boolean, says: string, otherwise: string): Check =>
  ok ? holds(about, says) : fails(about, otherwise);

/** Something that was not looked at. */
export const unchecked = (about: string, says: string): Unchecked => ({ about: plain(about), says: plain(says) });

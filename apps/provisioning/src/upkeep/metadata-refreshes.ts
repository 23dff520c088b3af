import { Inject, Injectable } from '@nestjs/common';
import type { InTenant } from '#libs/catalog';
import type { ConnectionMetadataRefreshed, ConnectionMetadataRefused } from '#libs/contracts';
import { type ConnectionCommand, type ConnectionState, connectionDecider } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { type CommandMetadata, DomainError, fold, type RecordedEvent } from '#libs/kernel';
import { WRITE_PATH, type WritePath } from '#libs/platform';
import { type FactChange, factChanges } from './fact-changes.js';
import { MetadataReader, type MetadataReading, type WithMetadata } from './metadata-reader.js';
import { NoMetadataAddressError } from './metadata-refresh.errors.js';
import { UpkeepCommands } from './upkeep-commands.js';

/** Longest text that is recorded about a refusal, characters. */
const DETAIL_LENGTH_MAX = 500;

/** What a refresh came to. */
export interface MetadataRefresh {
  /** `unchanged`: the metadata says what it said before. `refused`: what was read before stays in force, until its own end. */
  readonly result: 'refreshed' | 'unchanged' | 'refused';
  readonly changes: readonly FactChange[];
  readonly refusal: { readonly code: string; readonly detail: string } | null;
  /** What the metadata asks for, where it was read. */
  readonly cacheDurationMs: number | null;
  readonly state: ConnectionState;
  readonly storePosition: number;
}

type Recorded = RecordedEvent & (ConnectionMetadataRefreshed | ConnectionMetadataRefused);

/** Reads metadata and records what it says anew, or why it is not believed. */
@Injectable()
export class MetadataRefreshes {
  constructor(
    private readonly reader: MetadataReader,
    private readonly commands: UpkeepCommands,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /**
   * @param metadata of the command; its repeat answers what was recorded the first time
   * @throws {NoMetadataAddressError} when the settings name no address
   */
  async refresh(
    connection: InTenant<ConnectionState>,
    metadata: CommandMetadata,
    signal?: AbortSignal,
  ): Promise<MetadataRefresh> {
    const written = writtenMetadata(connection);
    if (written === null) throw new NoMetadataAddressError(connection.id);
    const reading = await this.#read(connection.id, written, signal);
    const { events, state, storePosition } = await this.commands.run(connection, commandOf(written, reading, metadata));
    const [recorded] = events as readonly Recorded[];
    return {
      ...(recorded ? await this.#told(recorded) : untold(reading, state)),
      cacheDurationMs: cached(reading),
      state,
      storePosition,
    };
  }

  /** A defect of ours is no refusal: it is thrown, and nothing is recorded. */
  #read(connection: string, written: WithMetadata, signal?: AbortSignal): Promise<MetadataReading | DomainError> {
    return this.reader.read(connection, written, signal).catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      return error;
    });
  }

  async #told(event: Recorded): Promise<Pick<MetadataRefresh, 'result' | 'changes' | 'refusal'>> {
    if (event.type === 'ConnectionMetadataRefused') {
      const { code, detail } = event.data;
      return { result: 'refused', changes: [], refusal: { code, detail } };
    }
    const { events } = await readHistory(this.path, event.stream);
    const before = fold(connectionDecider, events.slice(0, event.revision));
    return {
      result: 'refreshed',
      changes: factChanges(before.metadata, event.data.facts, this.path.clock.now()),
      refusal: null,
    };
  }
}

/** The SAML settings of a connection as written, where they name an address of metadata; null otherwise. */
export function writtenMetadata({ written }: Pick<ConnectionState, 'written'>): WithMetadata | null {
  const saml = written?.saml;
  return saml?.metadata ? { ...saml, metadata: saml.metadata } : null;
}

function commandOf(
  { metadata: { url } }: WithMetadata,
  reading: MetadataReading | DomainError,
  metadata: CommandMetadata,
): ConnectionCommand {
  if (reading instanceof DomainError) return { type: 'RefuseMetadata', data: { url, ...refusalOf(reading) }, metadata };
  const { documentSha256, facts } = reading;
  return { type: 'RefreshMetadata', data: { url, documentSha256, facts }, metadata };
}

const refusalOf = ({ code, message }: DomainError) => ({
  code,
  detail: message.slice(0, DETAIL_LENGTH_MAX).toWellFormed(),
});

/** Where nothing was recorded: the metadata said nothing new, or is refused for the reason that is on record already. */
function untold(
  reading: MetadataReading | DomainError,
  { metadataRefusal }: ConnectionState,
): Pick<MetadataRefresh, 'result' | 'changes' | 'refusal'> {
  const refusal = reading instanceof DomainError ? refusalOf(reading) : metadataRefusal;
  return { result: refusal ? 'refused' : 'unchanged', changes: [], refusal };
}

const cached = (reading: MetadataReading | DomainError): number | null =>
  reading instanceof DomainError ? null : reading.cacheDurationMs;

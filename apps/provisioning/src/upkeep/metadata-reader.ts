import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { metadataFactsOf, protocolProblem } from '#libs/configuration';
import type { MetadataFacts, SamlConnection } from '#libs/contracts';
import { type Egress, type Fetch } from '#libs/egress';
import { fetchMetadata, parseMetadata } from '#libs/federation';
import { CLOCK, type Clock, ENVIRONMENT, type Environment } from '#libs/platform';
import { chosenCertificates } from './certificate-choice.js';
import { MetadataRejectedError } from './metadata-refresh.errors.js';

/** The way out for metadata: `Egress`. Its limits are those of a federation's file, larger than those of other requests. */
export const METADATA_EGRESS = Symbol('METADATA_EGRESS');

/** A SAML connection as an administrator wrote it, with an address of metadata. */
export type WithMetadata = SamlConnection & { readonly metadata: NonNullable<SamlConnection['metadata']> };

/** What a document said. */
export interface MetadataReading {
  /** SHA-256 of the document, hex. */
  readonly documentSha256: string;
  readonly facts: MetadataFacts;
  readonly cacheDurationMs: number | null;
}

/** Reads the metadata of a connection's identity provider, and says what a connection would make of it. Records nothing. */
@Injectable()
export class MetadataReader {
  constructor(
    @Inject(METADATA_EGRESS) private readonly egress: Egress,
    @Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'publicUrl'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param written the connection's own settings: an entity id there is the one that must be described
   * @throws {DomainError} saying why it could not be read, is not believed, or cannot be used
   */
  async read(connection: string, written: WithMetadata, signal?: AbortSignal): Promise<MetadataReading> {
    const { url, pinnedCertificate } = written.metadata;
    const text = await fetchMetadata(url, this.#fetchUntil(signal));
    const now = this.clock.now();
    const found = await parseMetadata(text, {
      now,
      ...(written.idpEntityId === null ? {} : { expectedEntityId: written.idpEntityId }),
      ...(pinnedCertificate === null ? {} : { pinnedCertificate }),
    });
    const signingCertificates = chosenCertificates(found.signingCertificates, now);
    const facts = metadataFactsOf({ ...found, signingCertificates }, written);
    this.#demandUsable(connection, written, facts);
    const documentSha256 = createHash('sha256').update(text).digest('hex');
    return { documentSha256, facts, cacheDurationMs: found.cacheDurationMs };
  }

  /** A key that is too short, for example, must not take the place of one that works. @throws {MetadataRejectedError} */
  #demandUsable(connection: string, written: SamlConnection, { validUntil: _until, ...facts }: MetadataFacts): void {
    const saml = { ...written, ...facts, metadata: null };
    const wrong = protocolProblem(
      connection,
      { saml, oidc: null, oauth2: null, jwt: null },
      this.environment.publicUrl,
    );
    if (wrong !== null) throw new MetadataRejectedError(wrong.problem);
  }

  #fetchUntil(signal: AbortSignal | undefined): Fetch {
    if (!signal) return this.egress.fetch;
    return (input, init) => this.egress.fetch(input, { ...init, signal });
  }
}

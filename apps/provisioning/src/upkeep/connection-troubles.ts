import type { InTenant } from '#libs/catalog';
import type { ConnectionState } from '#libs/domain';
import { lastCertificateEnd } from './certificate-ends.js';
import { writtenMetadata } from './metadata-refreshes.js';

const DAY_MS = 86_400_000;

/** Certificates that end sooner are a trouble, days. */
const CERTIFICATE_DAYS_MIN = 30;

/** Something about a connection that somebody should act on, before or after people can no longer sign in. */
export interface ConnectionTrouble {
  readonly connection: string;
  /** For operators; names no person. */
  readonly what: string;
}

/** What is wrong with connections that admit people. Pure. */
export function connectionTroubles(
  connections: readonly InTenant<ConnectionState>[],
  now: Date,
): readonly ConnectionTrouble[] {
  return connections
    .filter(({ enabled }) => enabled)
    .flatMap((state) =>
      [...metadataTroubles(state, now), ...certificateTroubles(state, now)].map((what) => ({
        connection: state.id,
        what,
      })),
    );
}

function metadataTroubles(state: ConnectionState, now: Date): string[] {
  if (writtenMetadata(state) === null) return [];
  const { metadata, metadataRefusal } = state;
  const until = metadata?.validUntil ?? null;
  if (until !== null && until <= now.toISOString()) return [`metadata has expired${because(metadataRefusal)}`];
  if (metadataRefusal !== null) return [`metadata cannot be read${because(metadataRefusal)}`];
  return metadata === null ? ['metadata has not been read yet'] : [];
}

const because = (refusal: ConnectionState['metadataRefusal']): string => (refusal === null ? '' : ` (${refusal.code})`);

/** Only the certificate that lasts longest counts: those before it are replaced already. */
function certificateTroubles({ settings }: ConnectionState, now: Date): string[] {
  const end = settings && lastCertificateEnd(settings);
  if (!end) return [];
  const days = Math.floor((Date.parse(end) - now.getTime()) / DAY_MS);
  if (days >= CERTIFICATE_DAYS_MIN) return [];
  return [days < 0 ? 'certificate has ended' : `certificate ends in ${days} days`];
}

import type { MetadataFacts } from '#libs/contracts';
import { certificateExpiry } from '#libs/federation';

/** One fact that metadata changed. Certificates are told by the SHA-256 (hex) of their DER form. */
export interface FactChange {
  readonly fact: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What differs between two readings of metadata, by the names of the facts; every fact is new after nothing. Pure. */
export function factChanges(before: MetadataFacts | null, after: MetadataFacts, now: Date): readonly FactChange[] {
  const { certificates, ...rest } = after;
  const single = Object.entries(rest).map(([fact, value]) => ({
    fact,
    before: before?.[fact as keyof typeof rest] ?? null,
    after: value,
  }));
  const prints = (pems: readonly string[]) => pems.map((pem) => certificateExpiry(pem, now).sha256);
  const [old, fresh] = [prints(before?.certificates ?? []), prints(certificates)];
  return [
    ...single.filter((change) => change.before !== change.after),
    ...old.filter((each) => !fresh.includes(each)).map((each) => certificate(each, null)),
    ...fresh.filter((each) => !old.includes(each)).map((each) => certificate(null, each)),
  ];
}

const certificate = (before: string | null, after: string | null): FactChange => ({
  fact: 'certificate',
  before,
  after,
});

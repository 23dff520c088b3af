import type { Database } from '#libs/database';

/** A person, as far as the vault knows people: an account id, a day, or the look-up value of a principal. */
export interface SubjectRef {
  readonly tenant: string;
  readonly subject: string;
}

/** A subject's key as the database holds it; null once it was destroyed. */
export interface WrappedKey extends SubjectRef {
  readonly wrapped: string | null;
}

/**
 * Inserts the keys of subjects that have none, and returns the key of every subject: the one given, or the one that was there.
 * A destroyed key is still a row, so it is never made anew, whatever runs at the same time.
 */
export async function createMissingKeys(
  database: Database,
  keys: readonly WrappedKey[],
  at: Date,
): Promise<WrappedKey[]> {
  const { rows } = await database.query<WrappedKey>({
    name: 'vault.create_keys',
    text: `with wanted as (select * from unnest($1::text[], $2::text[], $3::text[]) as w(tenant, subject, wrapped)),
          made as (insert into vault.subject_keys (tenant, subject, wrapped, created_at)
                   select tenant, subject, wrapped, $4 from wanted
                   on conflict do nothing returning tenant, subject, wrapped)
     select tenant, subject, wrapped from made
     union all
     select k.tenant, k.subject, k.wrapped from vault.subject_keys k join wanted using (tenant, subject)`,
    values: [...columnsOf(keys), keys.map(({ wrapped }) => wrapped), at],
  });
  if (rows.length === keys.length) return rows;
  // Another process made a key while this statement ran: it blocked our insert, yet lies outside our snapshot.
  return readKeys(database, keys);
}

/** Reads the keys of subjects; one that never had a key is absent. */
export async function readKeys(database: Database, refs: readonly SubjectRef[]): Promise<WrappedKey[]> {
  const { rows } = await database.query<WrappedKey>({
    name: 'vault.read_keys',
    text: `select tenant, subject, wrapped
       from vault.subject_keys join unnest($1::text[], $2::text[]) as w(tenant, subject) using (tenant, subject)`,
    values: columnsOf(refs),
  });
  return rows;
}

/** Destroys one subject's key and leaves a tombstone, also where there was no key yet. */
export async function destroyKey(database: Database, { tenant, subject }: SubjectRef, at: Date): Promise<void> {
  await database.query(
    `insert into vault.subject_keys as k (tenant, subject, wrapped, created_at, destroyed_at) values ($1, $2, null, $3, $3)
     on conflict (tenant, subject) do update set wrapped = null, destroyed_at = coalesce(k.destroyed_at, excluded.destroyed_at)`,
    [tenant, subject, at],
  );
}

/** Destroys a tenant's living keys with `from <= subject < to`, compared byte by byte. */
export async function destroyKeyRange(
  database: Database,
  { tenant, from, to, at }: { readonly tenant: string; readonly from: string; readonly to: string; readonly at: Date },
): Promise<SubjectRef[]> {
  const { rows } = await database.query<SubjectRef>(
    `update vault.subject_keys set wrapped = null, destroyed_at = $4
      where tenant = $1 and subject >= $2 and subject < $3 and wrapped is not null returning tenant, subject`,
    [tenant, from, to, at],
  );
  return rows;
}

const columnsOf = (refs: readonly SubjectRef[]) => [
  refs.map(({ tenant }) => tenant),
  refs.map(({ subject }) => subject),
];

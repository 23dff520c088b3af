/** What keeps an account's source from vouching for it, the least bad first. */
export type SourceTrouble = 'source-silent' | 'source-disabled' | 'source-gone';

/**
 * Common table expression `sources(connection, trouble)`: every connection of the tenant, with what is wrong with it; null where nothing is.
 * Silent is one through which nobody signed in and nothing came for a while, also counted from when it was made or enabled.
 * @param tenant place of the tenant, such as `$1`
 * @param silentBefore place of the instant
 */
export const orphanSources = (tenant: string, silentBefore: string): string => `
  sources as materialized (
    select c.connection, case when c.removed then 'source-gone' when not c.enabled then 'source-disabled'
        when greatest(heard.at, begun.at) < ${silentBefore}::timestamptz then 'source-silent' end as trouble
    from read_model.connections_v2 c
    left join lateral (
      select e.recorded_at as at from read_model.events_v1 e
      where e.connection = c.connection and e.tenant = c.tenant and e.type in (${SOURCE_HEARD_BY.map((type) => `'${type}'`).join(', ')})
      order by e.position desc limit 1) heard on true
    left join lateral (
      select e.recorded_at as at from read_model.events_v1 e
      where e.stream = 'connection-' || c.tenant || '+' || c.connection and e.type in ('ConnectionRegistered', 'ConnectionEnabled')
      order by e.revision desc limit 1) begun on true
    where c.tenant = ${tenant} and c.to_pos is null)`;

/** Types of events that show that a source speaks. Refusals are none of them: anybody may knock. */
export const SOURCE_HEARD_BY = [
  'SignedIn',
  'SignalReceived',
  'UserProvisioned',
  'ProfileUpdated',
  'UserDeactivated',
  'UserReactivated',
  'GrantsConfirmed',
] as const;

/**
 * Lateral subquery of one row: whether the account `a` is an orphan, and the best of its sources with what is wrong with that. An account
 * that is linked to nothing goes by the connection that made it; one made by hand has no source that it could lose.
 */
export const ORPHANHOOD = `
  select coalesce(bool_and(tied.trouble is not null), false) as orphan,
    (array_agg(tied.trouble order by array_position(array['source-silent', 'source-disabled', 'source-gone'], tied.trouble)))[1] as code,
    (array_agg(tied.connection order by array_position(array['source-silent', 'source-disabled', 'source-gone'], tied.trouble),
       tied.connection))[1] as connection
  from (
    select named.connection, case when s.connection is null then 'source-gone' else s.trouble end as trouble
    from (select l ->> 'connection' as connection from jsonb_array_elements(a.links) l
          union select a.source_connection where a.links = '[]' and a.source_connection is not null) named
    left join sources s using (connection)) tied`;

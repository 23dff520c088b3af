/**
 * Schema `read_model_shadow`: tables that are being filled beside the live ones, under the same names. `rebuilds` says what fills them and how
 * far it has come, so that an interrupted rebuild goes on; `parked` is the parking place of what is filled there.
 */
export const SHADOW_SQL = `
create schema read_model_shadow;

create table read_model_shadow.rebuilds (
  projection text primary key,
  version int not null,
  software text not null,
  position bigint not null,
  indexed boolean not null
);

create table read_model_shadow.parked (like read_model.parked including all);
`;

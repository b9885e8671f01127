-- The same text serves SQLite and PostgreSQL: bigint and double precision are understood by both, a JSON document is text.
create table runs (
  id text primary key,
  placement text not null,
  project text not null,
  begun double precision not null,
  ended double precision not null,
  verdict text not null,
  code bigint not null,
  cause text not null,
  engine text not null,
  report text not null
);
create index runs_by_time on runs (begun);
create index runs_by_project on runs (project, begun);

-- number counts within a run: it is given under the run's own lock, so that a reader who polls "number > last seen" misses none
create table events (
  run text not null,
  number bigint not null,
  at double precision not null,
  kind text not null,
  data text not null,
  primary key (run, number)
);

create table durations (
  project text not null,
  service text not null,
  at double precision not null,
  seconds double precision not null
);
create index durations_by_service on durations (project, service, at);

create table leases (
  name text primary key,
  owner text not null,
  token bigint not null,
  until double precision not null
);

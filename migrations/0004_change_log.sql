-- The log of everything that changed, in one order.

-- This table holds one row, which names this tracker in the entries of its feed.
create table tracker (
  id      uuid    not null primary key default gen_random_uuid(),
  is_only boolean not null default true constraint tracker_is_one unique check (is_only)
);
insert into tracker (is_only) values (true);

-- This table holds one row for each resource that a write touched; the feed, webhooks and caches read it.
-- The content is rendered from versions and claims, which never change.
create table change (
  seq           bigint primary key,
  recorded_at   timestamptz not null constraint change_stamp_is_finite check (isfinite(recorded_at)),
  actor         text   not null,
  cause         text   not null constraint change_cause_known check (cause in (
    'created', 'revised', 'superseded', 'retracted', 'merged', 'unmerged', 'deleted', 'imported', 'redacted',
    'day_advanced')),
  resource_type text   not null constraint change_resource_type_known check (resource_type in (
    'factory', 'phase', 'operator', 'region', 'media', 'source', 'status_event', 'figure', 'role', 'ownership',
    'location', 'depiction', 'membership', 'merge', 'evidence', 'identifier', 'day')),
  -- For a day this is the number of days since 1970-01-01.
  resource_id   bigint not null,
  factory_id    bigint references factory,
  version       int    not null check (version > 0)
);
create index change_factory on change (factory_id, seq) where factory_id is not null;
create index change_resource on change (resource_type, resource_id, seq);
create index change_recorded on change (recorded_at);
create index change_redacted on change (seq) where cause = 'redacted';

-- This table holds the end of the log in one row, so that no reader has to pass over the rows of an unfinished import.
create table change_head (
  is_only     boolean     primary key default true check (is_only),
  seq         bigint      not null,
  recorded_at timestamptz not null
-- The free space is for the versions of the one row.
) with (fillfactor = 10);

-- Moves the head of the log, notifies everyone who waits for the next entry, and deletes the archives and reports that
-- were created before a redaction. An archive that is being created is compared with the log when it is served.
create function notify_change() returns trigger language plpgsql as $$
begin
  insert into change_head as h (seq, recorded_at)
  select a.seq, a.recorded_at from added a order by a.seq desc limit 1
  on conflict (is_only) do update set seq = excluded.seq, recorded_at = excluded.recorded_at
  where h.seq < excluded.seq;
  if exists (select from added a where a.cause = 'redacted') then
    delete from job_part where file <> 'upload';
  end if;
  perform pg_notify('chantier_change', '');
  return null;
end $$;

create trigger notify_change after insert on change
  referencing new table as added for each statement execute function notify_change();

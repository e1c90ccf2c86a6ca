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

-- Begins a write: takes the write lock and returns the last seq and the stamp of what is going to be recorded.
-- The lock is held until the commit, so commits, seq and time have one order, and the recorded past is final.
-- A write that has read before it had the lock says up to which seq, and about which factories. It fails where another
-- one has changed that meanwhile. Statements that follow in one batch find seq and stamp by write_seq and write_stamp.
create function begin_write(
    p_seen bigint default null, p_factories bigint[] default null, out last_seq bigint, out recorded_at timestamptz)
  language plpgsql
as $$
declare
  last_at timestamptz;
begin
  perform pg_advisory_xact_lock(4891234567001);
  select h.seq, h.recorded_at into last_seq, last_at from change_head h;
  last_seq := coalesce(last_seq, 0);
  recorded_at := greatest(clock_timestamp(), last_at + interval '1 microsecond');
  if last_seq > p_seen and exists (
      select from change x
      where x.seq > p_seen and (x.factory_id = any (p_factories) or x.resource_type in (
        'operator', 'region', 'media', 'source', 'merge', 'phase', 'ownership'))) then
    raise exception 'Another write has changed what this one had read.' using errcode = 'CH001';
  end if;
  perform set_config('chantier.last_seq', last_seq::text, true),
    set_config('chantier.recorded_at', recorded_at::text, true);
end $$;

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

-- The log of all that changed, thin: before and after are rendered from versions and claims, which never change.

create table change (
  seq           bigint primary key,
  recorded_at   timestamptz not null constraint change_stamp_is_finite check (isfinite(recorded_at)),
  actor         text   not null,
  cause         text   not null constraint change_cause_known
    check (cause in ('created', 'revised', 'superseded', 'retracted', 'merged', 'unmerged', 'deleted', 'imported', 'redacted')),
  resource_type text   not null constraint change_resource_type_known
    check (resource_type in ('factory', 'phase', 'operator', 'region', 'media', 'source', 'status_event', 'figure', 'role',
                             'ownership', 'location', 'depiction', 'membership', 'merge', 'evidence', 'identifier')),
  resource_id   bigint not null,
  factory_id    bigint references factory,
  version       int    not null check (version > 0)
);
create index change_factory on change (factory_id, seq) where factory_id is not null;
create index change_resource on change (resource_type, resource_id, seq);
create index change_recorded on change (recorded_at);

-- One order of writes. Taken late in a writing transaction (read committed): commit order = seq order = time order,
-- so a reader that asks for seq > last misses nothing, and what was known at any past stamp is final.
create function take_write_stamp(out last_seq bigint, out recorded_at timestamptz) language plpgsql as $$
declare
  last_at timestamptz;
begin
  perform pg_advisory_xact_lock(4891234567001);
  select c.seq, c.recorded_at into last_seq, last_at from change c order by c.seq desc limit 1;
  last_seq := coalesce(last_seq, 0);
  recorded_at := greatest(clock_timestamp(), last_at + interval '1 microsecond');
end $$;

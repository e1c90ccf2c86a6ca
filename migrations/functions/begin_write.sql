-- Begins a write: takes the write lock and returns the last seq and the stamp of what is going to be recorded.
-- The lock is held until the commit, so commits, seq and time have one order, and the recorded past is final.
-- A write that has read before it had the lock says up to which seq, and about which factories. It fails where another
-- one has changed that meanwhile. Statements that follow in one batch find seq and stamp by write_seq and write_stamp.
create or replace function begin_write(
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

-- Returns the stamp of the write that begin_write has begun in this transaction.
create or replace function write_stamp() returns timestamptz
  language sql stable parallel safe
as $$
  select current_setting('chantier.recorded_at')::timestamptz;
$$;

-- Returns the last seq before the write that begin_write has begun in this transaction.
create or replace function write_seq() returns bigint
  language sql stable parallel safe
as $$
  select current_setting('chantier.last_seq')::bigint;
$$;

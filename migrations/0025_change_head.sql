-- The end of the log as each reader sees it. To look for it in the log itself is to pass over every row of an import that is not there
-- yet: millions, for as long as it runs, by each read.

create table change_head (
  is_only     boolean     primary key default true check (is_only),
  seq         bigint      not null,
  recorded_at timestamptz not null
-- Room for the versions that come and go in one place.
) with (fillfactor = 10);

create function move_change_head() returns trigger language plpgsql as $$
begin
  insert into change_head as h (seq, recorded_at) select c.seq, c.recorded_at from change c order by c.seq desc limit 1
  on conflict (is_only) do update set seq = excluded.seq, recorded_at = excluded.recorded_at
  where h.seq <> excluded.seq;
  return null;
end $$;

create trigger change_moves_head after insert on change for each statement execute function move_change_head();

insert into change_head (seq, recorded_at) select seq, recorded_at from change order by seq desc limit 1;

create or replace function take_write_stamp(out last_seq bigint, out recorded_at timestamptz) language plpgsql as $$
declare
  last_at timestamptz;
begin
  perform pg_advisory_xact_lock(4891234567001);
  select h.seq, h.recorded_at into last_seq, last_at from change_head h;
  last_seq := coalesce(last_seq, 0);
  recorded_at := greatest(clock_timestamp(), last_at + interval '1 microsecond');
end $$;

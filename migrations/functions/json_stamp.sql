-- Returns a moment as JSON writes it everywhere; rows that are rendered in the database use it.
create or replace function json_stamp(p_at timestamptz) returns text
  language sql stable parallel safe
as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
$$;

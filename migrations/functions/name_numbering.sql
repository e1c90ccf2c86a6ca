-- Returns what tells the lines of one plant apart in a name: numbers, single letters and roman numerals.
create or replace function name_numbering(text) returns text[]
  language sql immutable strict parallel safe
as $$
  select array(
    select distinct w from unnest(string_to_array($1, ' ')) w where w ~ '^([a-z]|[ivx]+|.*[0-9].*)$' order by w);
$$;

-- Returns a slug for a name, with the first free number behind it where that slug is taken; new resources use it.
-- Under the write lock nobody else takes it meanwhile.
create or replace function free_slug(p_kind text, p_name text) returns text language plpgsql as $$
declare
  base text := coalesce(
    nullif(btrim(left(btrim(regexp_replace(fold(p_name), '[^a-z0-9]+', '-', 'g'), '-'), 100), '-'), ''), p_kind);
  made text := base;
  n    int  := 1;
begin
  while exists (select from slug s where s.kind = p_kind and s.slug = made) loop
    n := n + 1;
    made := base || '-' || n;
  end loop;
  return made;
end $$;

-- Returns whether a version, evidence or a merge is recorded at a moment; published knowledge shows them as they are
-- today.
create or replace function is_recorded(p_known_by text, p_at timestamptz, known_from timestamptz, known_to timestamptz)
  returns boolean
  language sql immutable parallel safe
as $$
  select case p_known_by
    when 'published' then known_to = 'infinity'
    else known_from <= p_at and known_to > p_at end;
$$;

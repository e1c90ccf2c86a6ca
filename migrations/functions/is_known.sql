-- Returns whether a claim is recorded or published knowledge at a moment; every read of claims uses it.
create or replace function is_known(p_known_by text, p_at timestamptz, c claim) returns boolean
  language sql immutable parallel safe
as $$
  select case p_known_by
    when 'published' then c.published_from <= p_at and c.published_to > p_at
    else c.known_from <= p_at and c.known_to > p_at end;
$$;

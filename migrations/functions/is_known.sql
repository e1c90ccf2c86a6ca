-- Returns whether a claim is recorded or published knowledge at a moment; every read of claims uses it.
-- An inferred claim has no publication: under published knowledge it is shown as it is today.
create or replace function is_known(p_known_by text, p_at timestamptz, c claim) returns boolean
  language sql immutable parallel safe
as $$
  select case
    when p_known_by <> 'published' then c.known_from <= p_at and c.known_to > p_at
    when c.basis = 'inferred' then c.known_to = 'infinity'
    else c.published_from <= p_at and c.published_to > p_at end;
$$;

-- Returns whether evidence with such a source is shown: always as recorded, else if the source was published by then.
create or replace function is_published_by(
  p_known_by text, p_at timestamptz, p_published_latest date, p_retrieved_at timestamptz, p_recorded_at timestamptz)
  returns boolean
  language sql immutable parallel safe
as $$
  select p_known_by <> 'published' or published_at(p_published_latest, p_retrieved_at, p_recorded_at) <= p_at;
$$;

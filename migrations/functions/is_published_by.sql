-- Returns whether evidence with such a source is shown: always as recorded, else if the source was published by then
-- (see publication_of).
create or replace function is_published_by(
  p_known_by text, p_at timestamptz, p_published_latest date, p_retrieved_at timestamptz, p_recorded_at timestamptz)
  returns boolean
  language sql immutable parallel safe
as $$
  select p_known_by <> 'published' or coalesce(
    nullif(p_published_latest, 'infinity'),
    (p_retrieved_at at time zone 'UTC')::date,
    (p_recorded_at at time zone 'UTC')::date) <= (p_at at time zone 'UTC')::date;
$$;

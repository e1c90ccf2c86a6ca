-- Returns the query that q asks of the texts of the past: every word, the last of which may be incomplete.
-- Nothing is guessed, so that an answer about the past never changes.
create or replace function text_query(p_q text) returns tsquery
  language sql immutable strict parallel safe
as $$
  select string_agg(
    '''' || left(y.w, 200) || '''' || case when y.ordinal = cardinality(x.words) then ':*' else '' end, ' & ')::tsquery
  from (select string_to_array(search_text(p_q), ' ') as words) x
  cross join unnest(x.words) with ordinality as y (w, ordinal);
$$;

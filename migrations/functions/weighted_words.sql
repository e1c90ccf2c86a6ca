-- Returns the words of a text with a weight, written as a tsvector; search entries are built from it.
create or replace function weighted_words(p_weight text, p_text text) returns text
  language sql immutable parallel safe
as $$
  -- A word contains neither spaces nor punctuation, so that it needs no escapes.
  select string_agg('''' || left(w, 200) || ''':1' || p_weight, ' ')
  from unnest(string_to_array(search_text(p_text), ' ')) w
  where w <> '';
$$;

-- Returns the words of a question in its order; words that most names have are used only where there is no other.
create or replace function tokenize_query(p_q text) returns text[]
  language sql immutable strict parallel safe
as $$
  with word as (
    select min(x.ordinal) as ordinal, x.w
    from unnest(string_to_array(search_text(p_q), ' ')) with ordinality as x (w, ordinal)
    where x.w <> ''
    group by x.w
  ), rare as (
    select w.ordinal, w.w from word w
    where w.w !~ '^[a-z]$' and w.w not in (
      'de', 'du', 'des', 'la', 'le', 'les', 'et', 'en', 'au', 'aux', 'sur', 'the', 'of', 'in', 'at', 'and', 'und',
      'der', 'die', 'das', 'di', 'del', 'el')
  )
  select array(
    select x.w
    from (
      select r.ordinal, r.w from rare r
      union all
      select w.ordinal, w.w from word w where not exists (select from rare)) x
    order by x.ordinal
    limit 8);
$$;

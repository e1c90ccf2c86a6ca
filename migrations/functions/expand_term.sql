-- Returns the words that a typed word may mean: without an ending if it is the last; with one error from four letters
-- on, and with two from six letters on.
create or replace function expand_term(p_kind text, p_word text, p_is_last boolean, p_guess boolean)
  returns table (kind text, word text, entries int)
  language plpgsql stable
  set pg_trgm.similarity_threshold = 0.2
as $$
declare
  kinds   text[] := case p_kind when 'factory' then array['factory', 'region'] else array[p_kind] end;
  allowed int    := case when length(p_word) < 4 then 0 when length(p_word) < 6 then 1 else 2 end;
  swapped text[];
  known   boolean;
begin
  return query select s.kind, s.word, s.entries from search_word s where s.kind = any (kinds) and s.word = p_word;
  known := found;
  -- A word that exists as typed is not mistyped, and it is complete unless it is the last.
  if (p_is_last or not known) and length(p_word) > 1 then
    return query
    select s.kind, s.word, s.entries from search_word s
    where s.kind = any (kinds) and s.word > p_word and s.word < p_word || chr(1114111)
    order by s.entries desc, s.word
    limit 16;
    known := known or found;
  end if;
  if allowed > 0 and p_word !~ '[0-9]' and (p_guess or not known) then
    swapped := array(
      select overlay(p_word placing reverse(substr(p_word, i, 2)) from i for 2)
      from generate_series(1, length(p_word) - 1) i);
    return query
    select s.kind, s.word, s.entries
    from search_word s
    cross join lateral (
      select min(levenshtein_less_equal(p_word, x.word, allowed)) as errors
      from (
        select s.word
        union all
        select left(s.word, length(p_word) + d) from generate_series(-1, 1) d where p_is_last) x (word)) m
    where s.word !~ '[0-9@#]' and s.word % p_word and s.kind = any (kinds) and m.errors <= allowed
      and length(s.word) >= length(p_word) - allowed and (p_is_last or length(s.word) <= length(p_word) + allowed)
      and length(s.word) < 250
    order by m.errors, s.entries desc, s.word
    limit 16;
    return query
    select s.kind, s.word, s.entries from search_word s
    where s.kind = any (kinds) and s.word = any (swapped) and s.word <> p_word;
  end if;
end $$;

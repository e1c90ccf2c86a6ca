-- Returns the query that entries of a kind must match for the parameter q of a current list, or no row where some word
-- is in no entry. A word counts as mistyped where it exists in no other way, or never together with the others.
-- is_frequent says that looking at one entry after the other finds a page sooner than fetching all that match: a page
-- of 50 of ordinal, of which e match, looks at 50 ordinal / e entries if the words are spread evenly.
create or replace function search_query(p_kind text, p_q text) returns table (query tsquery, is_frequent boolean)
  language plpgsql stable
  set enable_seqscan = off
  set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  asked text[] := tokenize_query(p_q);
  total float8 := coalesce(
    (select s.entries from search_word s where s.kind = p_kind and s.word = '#' || p_kind || 0), 0);
  every tsquery;
  met   int;
  share float8;
begin
  for guess in 0 .. 1 loop
    select string_agg(format('(%s)', (select string_agg(format('''%s''', l), ' | ') from unnest(t.lexemes) l)), ' & ')
        ::tsquery && format('''#%s0''', p_kind)::tsquery,
      count(*), exp(sum(ln(least(1, t.entries / total))))
    into every, met, share
    from search_terms(p_kind, asked, guess = 1) t;
    if met = cardinality(asked) and (guess = 1 or exists (select from search_entry e where e.words @@ every)) then
      return query select every, (share * total) ^ 2 > 200 * total;
      return;
    end if;
  end loop;
end $$;

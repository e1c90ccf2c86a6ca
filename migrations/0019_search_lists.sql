-- The words of a list's q, forgiven as search forgives them.

-- The query that the entries of a kind answer to words; none where some word is met by no entry. Words are taken for mistyped where one is
-- there in no other way, or where they are but never together. Frequent is what is found sooner by looking at one entry after the other
-- than by fetching all that answer, if words are strewn evenly: a page of 50 of n that e answer looks at 50 n / e.
create function search_query(p_kind text, p_q text) returns table (query tsquery, is_frequent boolean)
  language plpgsql stable
  set enable_seqscan = off
  set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  asked   text[] := search_asked(p_q);
  total   float8 := coalesce((select s.entries from search_word s where s.kind = p_kind and s.word = '#' || p_kind || 0), 0);
  every   tsquery;
  met     int;
  share   float8;
begin
  for guess in 0 .. 1 loop
    select string_agg(format('(%s)', (select string_agg(format('''%s''', l), ' | ') from unnest(t.lexemes) l)), ' & ')::tsquery && format('''#%s0''', p_kind)::tsquery,
      count(*), exp(sum(ln(least(1, t.entries / total))))
    into every, met, share
    from search_terms(p_kind, asked, guess = 1) t;
    if met = cardinality(asked) and (guess = 1 or exists (select from search_entry e where e.words @@ every)) then
      return query select every, (share * total) ^ 2 > 200 * total;
      return;
    end if;
  end loop;
end $$;

-- The words of a text as it is folded for search, and what a list as it was asks of them: every word of q, the last of which may be typed
-- in part. Nothing is guessed at, so that the answer about a past never changes.
create function text_words(p_text text) returns tsvector
  language sql immutable strict parallel safe
  return array_to_tsvector(array(select left(w, 200) from unnest(string_to_array(p_text, ' ')) w where w <> ''));

create function text_query(p_q text) returns tsquery
  language sql immutable strict parallel safe
  return (
    select string_agg('''' || left(y.w, 200) || '''' || case when y.n = cardinality(x.words) then ':*' else '' end, ' & ')::tsquery
    from (select string_to_array(search_text(p_q), ' ') as words) x cross join unnest(x.words) with ordinality as y (w, n));

create index factory_text_words on factory_text using gin (text_words(text));

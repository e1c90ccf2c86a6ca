-- Returns for each word of a question the words of entries that it may mean, as they are indexed (lexemes) and as texts
-- have them (words), how many entries have one at most, and how many have the word itself.
create or replace function search_terms(p_kind text, p_asked text[], p_guess boolean)
  returns table (ordinal bigint, lexemes text[], words text[], entries bigint, whole bigint, is_guessed boolean)
  language sql stable
as $$
  with meant as materialized (
    select a.ordinal, m.kind, m.word, m.entries, not starts_with(m.word, a.word) as is_guessed
    from unnest(p_asked) with ordinality as a (word, ordinal)
    cross join lateral expand_term(p_kind, a.word, a.ordinal = cardinality(p_asked), p_guess) m
  ), region as (
    select q.ordinal, r.id, r.word, r.entries, count(*) over (partition by r.id) as met
    from (
      select m.ordinal, string_agg('''' || m.word || '''', ' | ')::tsquery as query
      from meant m where p_kind = 'factory' and m.kind = 'region' group by m.ordinal) q
    cross join lateral (
      select e.id, w.word, w.entries
      from search_entry e
      -- One at a time, so that no estimate can lead to reading all words.
      cross join lateral (
        select l.word, l.entries from search_word l
        where l.kind = 'factory' and l.word = '@' || e.id and l.entries > 0 limit 1) w
      where e.words @@ (q.query && '''#region0''')) r
  ), inside as (
    -- A word of a region's name is met by every factory in it: of the regions that meet most words of the question.
    select f.ordinal, f.word, f.entries
    from (
      select r.ordinal, r.word, r.entries,
        row_number() over (partition by r.ordinal order by r.entries desc, r.word) as place
      from (
        select g.ordinal, g.word, g.entries, rank() over (partition by g.ordinal order by g.met desc) as fit
        from region g) r
      where r.fit = 1) f
    where f.place <= 16
  )
  select x.ordinal, array_agg(x.word), (select array_agg(m.word) from meant m where m.ordinal = x.ordinal),
    sum(x.entries)::bigint,
    coalesce(sum(x.entries) filter (where x.word = p_asked[x.ordinal]), 0)::bigint,
    (select bool_and(m.is_guessed) from meant m where m.ordinal = x.ordinal)
  from (
    select m.ordinal, m.word, m.entries from meant m where m.kind = p_kind
    union all
    select i.ordinal, i.word, i.entries from inside i) x
  group by x.ordinal;
$$;

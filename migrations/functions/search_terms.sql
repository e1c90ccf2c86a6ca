-- Returns for each word of a question the words of entries that it may mean, as they are indexed (lexemes) and as texts
-- have them (words), how many entries have one at most, and how many have the word itself.
create or replace function search_terms(p_kind text, p_asked text[], p_guess boolean)
  returns table (n bigint, lexemes text[], words text[], entries bigint, whole bigint, is_guessed boolean)
  language sql stable
as $$
  with meant as materialized (
    select a.n, m.kind, m.word, m.entries, not starts_with(m.word, a.word) as is_guessed
    from unnest(p_asked) with ordinality as a (word, n)
    cross join lateral search_meant(p_kind, a.word, a.n = cardinality(p_asked), p_guess) m
  ), region as (
    select q.n, r.id, r.word, r.entries, count(*) over (partition by r.id) as met
    from (
      select m.n, string_agg('''' || m.word || '''', ' | ')::tsquery as query
      from meant m where p_kind = 'factory' and m.kind = 'region' group by m.n) q
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
    select f.n, f.word, f.entries
    from (
      select r.n, r.word, r.entries, row_number() over (partition by r.n order by r.entries desc, r.word) as place
      from (select g.n, g.word, g.entries, rank() over (partition by g.n order by g.met desc) as fit from region g) r
      where r.fit = 1) f
    where f.place <= 16
  )
  select x.n, array_agg(x.word), (select array_agg(m.word) from meant m where m.n = x.n), sum(x.entries)::bigint,
    coalesce(sum(x.entries) filter (where x.word = p_asked[x.n]), 0)::bigint,
    (select bool_and(m.is_guessed) from meant m where m.n = x.n)
  from (
    select m.n, m.word, m.entries from meant m where m.kind = p_kind
    union all
    select i.n, i.word, i.entries from inside i) x
  group by x.n;
$$;

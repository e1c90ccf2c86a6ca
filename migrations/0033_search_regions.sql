-- Which regions a question means is told before it is looked up how many factories each has: a word such as "department" names hundreds.

-- What each word of a question can be met by in entries of a kind, as they are written there and as texts have them, and at most how often;
-- and how often it is there itself.
create or replace function search_terms(p_kind text, p_asked text[], p_guess boolean)
  returns table (n bigint, lexemes text[], words text[], entries bigint, whole bigint, is_guessed boolean)
  language sql stable
as $$
  with meant as materialized (
    select a.n, m.kind, m.word, m.entries, not starts_with(m.word, a.word) as is_guessed
    from unnest(p_asked) with ordinality as a (word, n) cross join lateral search_meant(p_kind, a.word, a.n = cardinality(p_asked), p_guess) m
  ), region as (
    select q.n, r.id, count(*) over (partition by r.id) as met
    from (select n, string_agg('''' || word || '''', ' | ')::tsquery as query from meant where p_kind = 'factory' and kind = 'region' group by n) q
    cross join lateral (select e.id from search_entry e where e.words @@ (q.query && '''#region0''') and exists (select from region_count c where c.region_id = e.id and c.factories > 0)) r
  ), lying as (
    -- A word of a region's name is met by all that lies in the region: in those regions that meet most words of the question beside it.
    select n, word, entries
    from (
      select r.n, w.word, w.entries, row_number() over (partition by r.n order by w.entries desc, w.word) as place
      from (select n, id, rank() over (partition by n order by met desc) as fit from region) r
      -- One at a time: no estimate can then lead to reading all words.
      cross join lateral (select l.word, l.entries from search_word l where l.kind = 'factory' and l.word = '@' || r.id limit 1) w
      where r.fit = 1) fitting
    where place <= 16
  )
  select x.n, array_agg(x.word), (select array_agg(m.word) from meant m where m.n = x.n), sum(x.entries)::bigint,
    coalesce(sum(x.entries) filter (where x.word = p_asked[x.n]), 0)::bigint,
    (select bool_and(m.is_guessed) from meant m where m.n = x.n)
  from (select n, word, entries from meant where kind = p_kind union all select * from lying) x
  group by x.n;
$$;

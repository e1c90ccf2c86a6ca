-- How large a sample of what very many meet is weighed, told better beforehand: it was looked through twice, once in too small a part.

-- What answers a question, kind by kind: how many do, exactly where sample is 0, else about 4^sample times those found; which were found,
-- for facets; the best of them with their scores; and the words that answered, to mark.
--
-- All words of the question are met by each. The score is of the place where they are met (1 the name and nothing else, 0.9 its beginning,
-- 0.8 the name, 0.65 any of its names and identifiers, 0.4 what is around it), by up to a quarter less the less the name is like the
-- question, and by a fifth less where a word was taken for mistyped. Of what very many meet, a sample is weighed, those whose names begin
-- with the question, and those that have its words whole, where they are few.
create or replace function search_matches(p_kinds text[], p_q text, p_limit int)
  returns table (kind text, total bigint, sample int, found bigint[], best bigint[], scores float8[], words text[])
  language plpgsql stable
  set enable_seqscan = off
  set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  most    constant int := 400;
  phrase  text := search_text(p_q);
  asked   text[] := search_asked(p_q);
  sort    text;
  there   float8;
  every   tsquery;
  tried   tsquery;
  owned   tsquery;
  named   tsquery;
  whole   bigint;
  likely  float8;
  lists   bigint;
  met     int;
  said    text[];
  guessed boolean;
  level   int;
  ids     bigint[];
  names   text[];
  places  float8[];
begin
  foreach sort in array p_kinds loop
    ids := '{}';
    tried := null;
    there := coalesce((select s.entries from search_word s where s.kind = sort and s.word = '#' || sort || 0), 1);
    for guess in 0 .. 1 loop
      with term as materialized (
        select * from search_terms(sort, asked, guess = 1)
      ), part as (
        -- A word that is met wherever another is, as those of one region's name are, asks for no more.
        select t.lexemes, t.entries from term t
        where not exists (select from term o where o.lexemes <@ t.lexemes and (not t.lexemes <@ o.lexemes or o.n < t.n))
      )
      select string_agg(format('(%s)', (select string_agg(format('''%s''', l), ' | ') from unnest(p.lexemes) l)), ' & ')::tsquery,
        string_agg(format('(%s)', (select string_agg(format('''%s'':AB', l), ' | ') from unnest(p.lexemes) l)), ' & ')::tsquery,
        string_agg(format('(%s)', (select string_agg(format('''%s'':A', l), ' | ') from unnest(p.lexemes) l)), ' & ')::tsquery,
        -- Between as many as if each that has the rarest had the others too, and as if words were strewn.
        sqrt(min(p.entries) * there * exp(sum(ln(least(1, p.entries / there))))), sum(cardinality(p.lexemes)),
        (select min(t.whole) from term t), (select count(*) from term), (select bool_or(t.is_guessed) from term t),
        array(select distinct w from term x cross join unnest(x.words) w)
      into every, owned, named, likely, lists, whole, met, guessed, said
      from part p;
      exit when met < cardinality(asked) or every = tried;
      tried := every;

      -- As large a sample as is looked through in time, which is less where many words are; and where frequent words seldom meet, more, or all.
      level := case when likely <= most then 0 else round(log(4, (likely * greatest(1, lists / 8.0) / most)::numeric)) end;
      loop
        select coalesce(array_agg(e.id), '{}'), array_agg(e.name), array_agg(case when e.words @@ named then 0.8 when e.words @@ owned then 0.65 else 0.4 end::float8)
        into ids, names, places
        from search_entry e where e.words @@ (every && format('''#%s%s''', sort, level)::tsquery);
        exit when level = 0 or cardinality(ids) > most / 30;
        level := greatest(0, level - ceil(log(4, most / 4.0 / (cardinality(ids) + 1))));
      end loop;
      exit when ids <> '{}';
    end loop;
    continue when ids = '{}';

    return query
    with candidate as (
      select c.id, c.name, c.place from unnest(ids, names, places) as c (id, name, place)
      union
      select * from (
        select e.id, e.name, 0.8::float8 from search_entry e
        where level > 0 and e.kind = sort and e.name >= phrase and e.name < phrase || chr(1114111)
        order by e.kind, e.name
        limit p_limit) begun
      union
      select e.id, e.name, case when e.words @@ named then 0.8 when e.words @@ owned then 0.65 else 0.4 end::float8
      from search_entry e
      where level > 0 and whole between 1 and most
        and e.words @@ ((select string_agg(format('''%s''', w), ' & ') from unnest(asked) w)::tsquery && format('''#%s0''', sort)::tsquery)
    ), scored as (
      select distinct on (c.id) c.id, c.name, case when c.name = phrase then 1 when starts_with(c.name, phrase) then 0.9 else c.place end
        * (0.75 + 0.25 * similarity(c.name, phrase)) * case when guessed then 0.8 else 1 end as score
      from candidate c
      order by c.id, c.place desc
    ), ranked as (
      select s.id, round(s.score::numeric, 3)::float8 as score, row_number() over (order by s.score desc, s.name, s.id) as place from scored s order by place limit p_limit
    )
    select sort, cardinality(ids) * (4 ^ level)::bigint, level, ids, array_agg(r.id order by r.place), array_agg(r.score order by r.place), said from ranked r;
  end loop;
end $$;

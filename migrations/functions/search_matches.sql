-- Returns the best matches of a search in each kind, with their scores; every match has all words of the question.
-- The score depends on where the words are (1 the name and nothing else, 0.9 its beginning, 0.8 the name, 0.65
-- another name or an identifier, 0.4 around it), less up to a quarter for an unlike name and a fifth for a corrected
-- word. Where very many match, a sample is scored, with the names that begin with the question and rare whole matches.
create or replace function search_matches(p_kinds text[], p_q text, p_limit int)
  returns table (
    kind text, total bigint, sample int, found bigint[], best bigint[], scores float8[], words text[])
  language plpgsql stable
  set enable_seqscan = off
  set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  most    constant int := 400;
  phrase  text := search_text(p_q);
  asked   text[] := tokenize_query(p_q);
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
        select t.ordinal, t.lexemes, t.words, t.entries, t.whole, t.is_guessed
        from search_terms(sort, asked, guess = 1) t
      ), part as (
        -- A word that is met wherever another is, like those of one region's name, restricts nothing more.
        select t.lexemes, t.entries from term t
        where not exists (
          select from term o where o.lexemes <@ t.lexemes and (not t.lexemes <@ o.lexemes or o.ordinal < t.ordinal))
      )
      select string_agg(format('(%s)',
          (select string_agg(format('''%s''', l), ' | ') from unnest(p.lexemes) l)), ' & ')::tsquery,
        string_agg(format('(%s)',
          (select string_agg(format('''%s'':AB', l), ' | ') from unnest(p.lexemes) l)), ' & ')::tsquery,
        string_agg(format('(%s)',
          (select string_agg(format('''%s'':A', l), ' | ') from unnest(p.lexemes) l)), ' & ')::tsquery,
        -- Between the number if all with the rarest word had the others too, and the number if words were independent.
        sqrt(min(p.entries) * there * exp(sum(ln(least(1, p.entries / there))))), sum(cardinality(p.lexemes)),
        (select min(t.whole) from term t), (select count(*) from term), (select bool_or(t.is_guessed) from term t),
        array(select distinct w from term x cross join unnest(x.words) w)
      into every, owned, named, likely, lists, whole, met, guessed, said
      from part p;
      exit when met < cardinality(asked) or every = tried;
      tried := every;

      -- The sample is as large as can be looked through in time: smaller where there are many words; larger, or all,
      -- where frequent words seldom meet.
      level := case when likely <= most then 0
        else round(log(4, (likely * greatest(1, lists / 8.0) / most)::numeric)) end;
      loop
        select coalesce(array_agg(e.id), '{}'), array_agg(e.name),
          array_agg(case when e.words @@ named then 0.8 when e.words @@ owned then 0.65 else 0.4 end::float8)
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
      (select e.id, e.name, 0.8::float8 from search_entry e
       where level > 0 and e.kind = sort and e.name >= phrase and e.name < phrase || chr(1114111)
       order by e.kind, e.name
       limit p_limit)
      union
      select e.id, e.name, case when e.words @@ named then 0.8 when e.words @@ owned then 0.65 else 0.4 end::float8
      from search_entry e
      where level > 0 and whole between 1 and most
        and e.words @@ ((select string_agg(format('''%s''', w), ' & ') from unnest(asked) w)::tsquery
          && format('''#%s0''', sort)::tsquery)
    ), scored as (
      select distinct on (c.id) c.id, c.name,
        case when c.name = phrase then 1 when starts_with(c.name, phrase) then 0.9 else c.place end
          * (0.75 + 0.25 * similarity(c.name, phrase)) * case when guessed then 0.8 else 1 end as score
      from candidate c
      order by c.id, c.place desc
    ), ranked as (
      select s.id, round(s.score::numeric, 3)::float8 as score,
        row_number() over (order by s.score desc, s.name, s.id) as place
      from scored s
      order by place
      limit p_limit
    )
    select sort, cardinality(ids) * (4 ^ level)::bigint, level, ids, array_agg(r.id order by r.place),
      array_agg(r.score order by r.place), said
    from ranked r;
  end loop;
end $$;

-- Search across factories, operators and regions as they are now: an entry each with the words it is found by, and how often each word occurs.

create extension if not exists fuzzystrmatch;

-- The words of an entry, by weight: A its name; B its other names, its slug, its identifiers; C a factory's operators and locality; D each
-- region that a factory lies in, as @ and its id, so that a region that is renamed touches no factory. Beside them stand samples: #factory3
-- is in one of 4^3 factories and #factory0 in all, so that what very many have is told by some of them, found by the same index.
create table search_entry (
  kind  text     not null constraint search_kind_known check (kind in ('factory', 'operator', 'region')),
  id    bigint   not null,
  name  text     not null collate "C",
  words tsvector not null,
  primary key (kind, id)
);
-- What is not merged into the index yet is looked through by every search, so there is little of it.
create index search_entry_words on search_entry using gin (words) with (gin_pending_list_limit = 256);
create index search_entry_name on search_entry (kind, name);

create table search_word (
  kind    text not null,
  word    text not null collate "C",
  entries int  not null,
  -- With the counts: of all words that begin as one is typed the most frequent are taken.
  primary key (kind, word) include (entries)
);
-- Mistyped numbers are other numbers.
create index search_word_trigrams on search_word using gin (word gin_trgm_ops) where word !~ '[0-9@#]';

-- Words with a weight, as a tsvector is written. Whatever a word holds, it is neither a space nor punctuation.
create function weighted_words(p_weight text, p_text text) returns text
  language sql immutable parallel safe
  return (select string_agg('''' || left(w, 200) || ''':1' || p_weight, ' ') from unnest(string_to_array(search_text(p_text), ' ')) w where w <> '');

-- The entries of these resources, of those that are there now.
create function search_entry_of(p_kind text, p_ids bigint[]) returns table (id bigint, name text, words tsvector)
  language sql stable
as $$
  with entry as (
    select s.factory_id as id, s.name,
      concat_ws(' ', s.slug,
        (select string_agg(x ->> 'text', ' ') from factory_member('recorded', '9999-12-31Z', array[s.factory_id]) m
         join factory_version v on v.factory_id = m.member_id and v.known_to = 'infinity' cross join jsonb_array_elements(v.names) x),
        (select string_agg(i.value, ' ') from factory_member('recorded', '9999-12-31Z', array[s.factory_id]) m
         join identifier i on i.kind = 'factory' and i.resource_id = m.member_id and i.known_to = 'infinity')) as own,
      concat_ws(' ', s.locality, array_to_string(s.operator_names, ' ')) as around
    from factory_state s where p_kind = 'factory' and s.factory_id = any (p_ids) and s.known_to = 'infinity'
    union all
    select o.id, v.name,
      concat_ws(' ', o.slug, v.legal_name, (select string_agg(i.value, ' ') from identifier i where i.kind = 'operator' and i.resource_id = o.id and i.known_to = 'infinity')),
      null
    from operator o join operator_version v on v.operator_id = o.id and v.known_to = 'infinity' where p_kind = 'operator' and o.id = any (p_ids)
    union all
    select r.id, v.name_fr,
      concat_ws(' ', r.slug, v.name_en, v.name_local, (select string_agg(i.value, ' ') from identifier i where i.kind = 'region' and i.resource_id = r.id and i.known_to = 'infinity')),
      null
    from region r join region_version v on v.region_id = r.id and v.known_to = 'infinity' where p_kind = 'region' and r.id = any (p_ids)
  ), lying as (
    select p.ids[f.n] as id, string_agg('''@' || f.region_id || ''':1D', ' ') as words
    from (select coalesce(array_agg(e.id), '{}') as ids from entry e where p_kind = 'factory') p
    cross join lateral factory_regions('recorded', p.ids, array_fill('9999-12-31Z'::timestamptz, array[cardinality(p.ids)])) f
    where f.region_id <> 0
    group by p.ids[f.n]
  )
  select e.id, search_text(e.name),
    concat_ws(' ', weighted_words('A', e.name), weighted_words('B', e.own), weighted_words('C', e.around), l.words,
      (select string_agg('''#' || p_kind || k || ''':1D', ' ') from generate_series(0, 8) k where (hashint8extended(e.id, 14) & (4 ^ k - 1)::bigint) = 0))::tsvector
  from entry e left join lying l on l.id = e.id;
$$;

-- Brings the entries of these resources up to now, and the counts of the words that came and went.
create function advance_search(p_kind text, p_ids bigint[]) returns void language plpgsql as $$
begin
  if p_ids = '{}' then
    return;
  end if;
  with fresh as materialized (
    select * from search_entry_of(p_kind, p_ids)
  ), same as materialized (
    select e.id from search_entry e join fresh f on f.id = e.id and f.name = e.name and f.words = e.words
    where e.kind = p_kind and e.id = any (p_ids)
  ), gone as (
    delete from search_entry e where e.kind = p_kind and e.id = any (p_ids) and not exists (select from fresh f where f.id = e.id)
    returning e.words
  ), was as (
    select e.words from search_entry e join fresh f on f.id = e.id
    where e.kind = p_kind and e.id = any (p_ids) and not exists (select from same s where s.id = e.id)
  ), made as (
    insert into search_entry as e (kind, id, name, words)
    select p_kind, f.id, f.name, f.words from fresh f where not exists (select from same s where s.id = f.id)
    on conflict (kind, id) do update set name = excluded.name, words = excluded.words
    returning e.words
  ), counted as (
    select w.lexeme as word, sum(x.sign)::int as entries
    from (select words, 1 as sign from made union all select words, -1 from gone union all select words, -1 from was) x cross join lateral unnest(x.words) w
    group by w.lexeme having sum(x.sign) <> 0
  )
  insert into search_word as s (kind, word, entries) select p_kind, c.word, c.entries from counted c
  on conflict (kind, word) do update set entries = s.entries + excluded.entries;
  delete from search_word where kind = p_kind and entries = 0;
end $$;

-- A word as it may be typed: without an end, if it is the last; with an error, from four letters on, and two from six letters on.
create function search_meant(p_kind text, p_word text, p_is_last boolean, p_guess boolean)
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
  -- What is there as it was typed is not mistyped, and whole unless it is the last.
  if (p_is_last or not known) and length(p_word) > 1 then
    return query
    select s.kind, s.word, s.entries from search_word s
    where s.kind = any (kinds) and s.word > p_word and s.word < p_word || chr(1114111)
    order by s.entries desc, s.word
    limit 16;
    known := known or found;
  end if;
  if allowed > 0 and p_word !~ '[0-9]' and (p_guess or not known) then
    swapped := array(select overlay(p_word placing reverse(substr(p_word, i, 2)) from i for 2) from generate_series(1, length(p_word) - 1) i);
    return query
    select s.kind, s.word, s.entries
    from search_word s
    cross join lateral (
      select min(levenshtein_less_equal(p_word, x.word, allowed)) as errors
      from (select s.word union all select left(s.word, length(p_word) + d) from generate_series(-1, 1) d where p_is_last) x (word)) m
    where s.word !~ '[0-9@#]' and s.word % p_word and s.kind = any (kinds) and m.errors <= allowed
      and length(s.word) >= length(p_word) - allowed and (p_is_last or length(s.word) <= length(p_word) + allowed) and length(s.word) < 250
    order by m.errors, s.entries desc, s.word
    limit 16;
    return query select s.kind, s.word, s.entries from search_word s where s.kind = any (kinds) and s.word = any (swapped) and s.word <> p_word;
  end if;
end $$;

-- The words of a question, in its order. Those that most names have are asked for only where there is no other.
create function search_asked(p_q text) returns text[]
  language sql immutable strict parallel safe
as $$
  with word as (
    select min(n) as n, w from unnest(string_to_array(search_text(p_q), ' ')) with ordinality as x (w, n) where w <> '' group by w
  ), telling as (
    select * from word where w !~ '^[a-z]$' and w not in ('de', 'du', 'des', 'la', 'le', 'les', 'et', 'en', 'au', 'aux', 'sur', 'the', 'of', 'in', 'at', 'and', 'und', 'der', 'die', 'das', 'di', 'del', 'el')
  )
  select array(select w from (select * from telling union all select * from word where not exists (select from telling)) x order by n limit 8);
$$;

-- What each word of a question can be met by in entries of a kind, as they are written there and as texts have them, and at most how often;
-- and how often it is there itself.
create function search_terms(p_kind text, p_asked text[], p_guess boolean)
  returns table (n bigint, lexemes text[], words text[], entries bigint, whole bigint, is_guessed boolean)
  language sql stable
as $$
  with meant as materialized (
    select a.n, m.kind, m.word, m.entries, not starts_with(m.word, a.word) as is_guessed
    from unnest(p_asked) with ordinality as a (word, n) cross join lateral search_meant(p_kind, a.word, a.n = cardinality(p_asked), p_guess) m
  ), region as (
    select q.n, r.id, count(*) over (partition by r.id) as met
    from (select n, string_agg('''' || word || '''', ' | ')::tsquery as query from meant where p_kind = 'factory' and kind = 'region' group by n) q
    cross join lateral (select e.id from search_entry e where e.words @@ (q.query && '''#region0''')) r
  ), lying as (
    -- A word of a region's name is met by all that lies in the region: in those regions that meet most words of the question beside it.
    select n, word, entries
    from (
      select r.n, w.word, w.entries, rank() over (partition by r.n order by r.met desc) as fit,
        row_number() over (partition by r.n order by r.met desc, w.entries desc, w.word) as place
      from region r
      -- One at a time: no estimate can then lead to reading all words.
      cross join lateral (select l.word, l.entries from search_word l where l.kind = 'factory' and l.word = '@' || r.id limit 1) w) fitting
    where fit = 1 and place <= 16
  )
  select x.n, array_agg(x.word), (select array_agg(m.word) from meant m where m.n = x.n), sum(x.entries)::bigint,
    coalesce(sum(x.entries) filter (where x.word = p_asked[x.n]), 0)::bigint,
    (select bool_and(m.is_guessed) from meant m where m.n = x.n)
  from (select n, word, entries from meant where kind = p_kind union all select * from lying) x
  group by x.n;
$$;

-- What answers a question, kind by kind: how many do, exactly where sample is 0, else about 4^sample times those found; which were found,
-- for facets; the best of them with their scores; and the words that answered, to mark.
--
-- All words of the question are met by each. The score is of the place where they are met (1 the name and nothing else, 0.9 its beginning,
-- 0.8 the name, 0.65 any of its names and identifiers, 0.4 what is around it), by up to a quarter less the less the name is like the
-- question, and by a fifth less where a word was taken for mistyped. Of what very many meet, a sample is weighed, those whose names begin
-- with the question, and those that have its words whole, where they are few.
create function search_matches(p_kinds text[], p_q text, p_limit int)
  returns table (kind text, total bigint, sample int, found bigint[], best bigint[], scores float8[], words text[])
  language plpgsql stable
  set enable_seqscan = off
  set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  most    constant int := 1000;
  phrase  text := search_text(p_q);
  asked   text[] := search_asked(p_q);
  sort    text;
  every   tsquery;
  tried   tsquery;
  owned   tsquery;
  named   tsquery;
  rarest  bigint;
  whole   bigint;
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
    for guess in 0 .. 1 loop
      with term as materialized (select * from search_terms(sort, asked, guess = 1))
      select string_agg(format('(%s)', (select string_agg(format('''%s''', l), ' | ') from unnest(t.lexemes) l)), ' & ')::tsquery,
        string_agg(format('(%s)', (select string_agg(format('''%s'':AB', l), ' | ') from unnest(t.lexemes) l)), ' & ')::tsquery,
        string_agg(format('(%s)', (select string_agg(format('''%s'':A', l), ' | ') from unnest(t.lexemes) l)), ' & ')::tsquery,
        min(t.entries), min(t.whole), sum(cardinality(t.lexemes)), count(*), bool_or(t.is_guessed), array(select distinct w from term x cross join unnest(x.words) w)
      into every, owned, named, rarest, whole, lists, met, guessed, said
      from term t;
      exit when met < cardinality(asked) or every = tried;
      tried := every;

      -- As large a sample as is looked through in time, which is less where many words are; and where frequent words seldom meet, more, or all.
      level := case when rarest <= most then 0 else ceil(log(4, rarest * greatest(1, lists / 8.0) / most)) end;
      loop
        select coalesce(array_agg(e.id), '{}'), array_agg(e.name), array_agg(case when e.words @@ named then 0.8 when e.words @@ owned then 0.65 else 0.4 end::float8)
        into ids, names, places
        from search_entry e where e.words @@ (every && format('''#%s%s''', sort, level)::tsquery);
        exit when level = 0 or cardinality(ids) > most / 20;
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

-- Every entry and every count anew.
create function rebuild_search() returns void language plpgsql as $$
declare
  sort  text;
  batch bigint[];
begin
  truncate search_entry, search_word;
  drop index search_entry_words, search_entry_name, search_word_trigrams;
  for sort, batch in
    select x.kind, array_agg(x.id order by x.id)
    from (
      select kind, id, (row_number() over (partition by kind order by id) - 1) / 5000 as part
      from (select 'factory' as kind, id from factory union all select 'operator', id from operator union all select 'region', id from region) r) x
    group by x.kind, x.part
  loop
    insert into search_entry (kind, id, name, words) select sort, e.id, e.name, e.words from search_entry_of(sort, batch) e;
  end loop;
  insert into search_word (kind, word, entries) select e.kind, w.lexeme, count(*) from search_entry e cross join lateral unnest(e.words) w group by e.kind, w.lexeme;
  create index search_entry_words on search_entry using gin (words) with (gin_pending_list_limit = 256);
  create index search_entry_name on search_entry (kind, name);
  create index search_word_trigrams on search_word using gin (word gin_trgm_ops) where word !~ '[0-9@#]';
end $$;

-- What was identified under a stamp, also where the log names no owner of it.
create index identifier_recorded on identifier (known_from);

-- Brings every projection up to a write at p_at: the last statement of a writing transaction, once. Of what was touched it knows by the
-- rows of change. Arrays, because a plan that joins the log itself is made for its largest import.
create or replace function advance_projections(p_at timestamptz) returns void language plpgsql as $$
declare
  ended     bigint[];
  regions   bigint[];
  operators bigint[];
  media     bigint[];
  sources   bigint[];
  proofs    bigint[];
  merges    bigint[];
  claims    bigint[];
  places    bigint[];
  factories bigint[];
  batch     bigint[];
begin
  -- A first large load is made as a rebuild makes it: without keeping indexes up to each row.
  if not exists (select from factory_state) and (select count(*) from change where recorded_at = p_at and resource_type = 'factory') > 5000 then
    perform rebuild_projections();
    return;
  end if;

  perform plan_for(0);
  select coalesce(array_agg(resource_id) filter (where cause in ('superseded', 'retracted', 'unmerged', 'redacted')), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'region'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'operator'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'media'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'source'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'evidence'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'merge'), '{}')
  into ended, regions, operators, media, sources, proofs, merges
  from change where recorded_at = p_at;

  if regions <> '{}' then
    places := array(select rc.region_id from region_closure rc where rc.ancestor_id = any (regions) union select unnest(regions));
    perform rebuild_regions(places);
  end if;
  if merges <> '{}' then
    perform rebuild_merges();
  end if;

  -- The claims whose publication may have moved: new ones and ended ones, those whose evidence or source changed, and what these follow.
  claims := array(
    select c.id from claim c
    where c.kind in ('status_event', 'figure', 'role', 'ownership', 'location', 'depiction', 'membership', 'merge') and c.known_from = p_at
    union
    select c.id from claim c where c.id = any (ended) and c.known_to = p_at
    union
    select e.claim_id from evidence e where e.id = any (proofs)
    union
    select e.claim_id from evidence e where e.source_id = any (sources)
    union
    select c.id from claim c where c.end_source_id = any (sources));
  claims := array(
    select unnest(claims)
    union
    select c.supersedes_id from claim c where c.id = any (claims) and c.supersedes_id is not null);
  perform plan_for(cardinality(claims));
  perform project_publication(claims);

  -- The factories that may be touched, in either sense: at least those whose factory_touches have this stamp.
  places := array(
    select unnest(regions)
    union
    select rc.region_id from region_closure rc where rc.region_id = any (places) and p_at in (rc.known_from, rc.known_to)
    union
    select rc.region_id from membership b join region_closure rc on rc.ancestor_id = b.region_id where b.claim_id = any (claims));
  factories := array(
    select x.factory_id from change x where x.recorded_at = p_at and x.factory_id is not null
    union
    select c.factory_id from claim c where c.id = any (claims) and c.factory_id is not null
    union
    select c.factory_id from role r join claim c on c.id = r.claim_id where r.operator_id = any (operators)
    union
    select c.factory_id from depiction d join claim c on c.id = d.claim_id where d.media_id = any (media)
    union
    select v.factory_id from factory_version v where v.region_id = any (places)
    union
    select i.resource_id from identifier i where i.kind = 'factory' and i.known_from = p_at
    union
    select f.id from factory_merged m cross join lateral (values (m.loser_id), (m.survivor_id)) f (id)
    where merges <> '{}' and p_at in (m.known_from, m.known_to));
  factories := array(
    select unnest(factories)
    union
    select m.survivor_id from factory_merged m where m.loser_id = any (factories)
    order by 1);

  perform plan_for(cardinality(factories));
  for part in 0 .. (cardinality(factories) - 1) / 5000 loop
    batch := factories[part * 5000 + 1 : (part + 1) * 5000];
    perform advance_recorded(array(select t.factory_id from factory_touches(batch) t where t.at = p_at), p_at);
    perform advance_published(batch);
    perform advance_search('factory', batch);
  end loop;

  perform advance_search('operator', array(
    select unnest(operators) union select i.resource_id from identifier i where i.kind = 'operator' and i.known_from = p_at));
  perform advance_search('region', array(
    select unnest(regions) union select i.resource_id from identifier i where i.kind = 'region' and i.known_from = p_at));
end $$;

-- Everything from versions and claims alone, in batches that fit in memory.
create or replace function rebuild_projections() returns void language plpgsql as $$
declare
  batch   bigint[];
  indexes text[];
  index   text;
begin
  perform take_write_stamp();
  perform plan_for(1000000);
  truncate factory_state, status_span, region_count, factory_text;
  -- An index is made faster than it is kept, save the one that the states are made by.
  select array_agg(pg_get_indexdef(i.indexrelid)) into indexes
  from pg_index i
  where i.indrelid in ('factory_state'::regclass, 'status_span'::regclass, 'factory_text'::regclass) and not i.indisprimary
    and i.indexrelid <> 'status_span_factory'::regclass;
  for index in
    select i.indexrelid::regclass from pg_index i
    where i.indrelid in ('factory_state'::regclass, 'status_span'::regclass, 'factory_text'::regclass) and not i.indisprimary
      and i.indexrelid <> 'status_span_factory'::regclass
  loop
    execute 'drop index ' || index;
  end loop;

  perform rebuild_regions(null);
  perform rebuild_merges();
  perform project_publication(array(select id from claim where factory_id is null));
  for batch in
    select array_agg(id order by id) from (select id, (row_number() over (order by id) - 1) / 5000 as part from factory) f group by part order by part
  loop
    perform project_publication(array(select id from claim where factory_id = any (batch)));
  end loop;
  for batch in
    select array_agg(id order by id) from (select id, (row_number() over (order by id) - 1) / 5000 as part from factory) f group by part order by part
  loop
    perform insert_history('recorded', batch);
    perform insert_history('published', batch);
  end loop;

  insert into region_count (region_id, status, factories)
  select region_id, coalesce(status, ''), count(*) from status_span
  where known_by = 'recorded' and known_to = 'infinity' and valid_to = 'infinity'
  group by region_id, coalesce(status, '');

  foreach index in array indexes loop
    execute index;
  end loop;
  perform rebuild_search();
end $$;

-- Of what is there already.
select plan_for(1000000);
select rebuild_search();

-- Search across factories, operators and regions as they are now. Both tables are projections.

-- This table holds the words by which each resource is found; search and the parameter q of current lists read it.
-- The weights are: A its name; B its other names, its slug and its identifiers; C a factory's operators and locality;
-- D each region that a factory is in, as @ and the region's id, so that a renamed region changes no factory.
-- The word #factory3 is in one of 4^3 factories, and #factory0 in all, so that frequent words are counted in a sample.
create table search_entry (
  kind  text     not null constraint search_kind_known check (kind in ('factory', 'operator', 'region')),
  id    bigint   not null,
  name  text     not null collate "C",
  words tsvector not null,
  primary key (kind, id)
);
-- Every search looks through the pending list, so it is kept short.
create index search_entry_words on search_entry using gin (words) with (gin_pending_list_limit = 256);
create index search_entry_name on search_entry (kind, name);

-- This table holds how many entries of a kind have each word; search completes and corrects words by it.
create table search_word (
  kind    text not null,
  word    text not null collate "C",
  entries int  not null,
  -- With the counts, because the most frequent of the words with one beginning are taken.
  primary key (kind, word) include (entries)
);
-- A mistyped number is another number, so words with digits are not corrected.
create index search_word_trigrams on search_word using gin (word gin_trgm_ops) where word !~ '[0-9@#]';
-- Words that have just lost their last entry, which the same write deletes.
create index search_word_gone on search_word (kind) where entries = 0;

-- This type describes a factory that may already exist, for match_factories; null means unknown.
-- Operators are slugs or names, identifiers are written scheme:value.
create type described_factory as (
  names text[], sector text, country text, region_id bigint, locality text, lon float8, lat float8,
  location_precision text, uncertainty_m int, operators text[], identifiers text[]);

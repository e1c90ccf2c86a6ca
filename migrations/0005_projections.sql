-- Projections: tables that are derived from versions and claims, for speed. They can be rebuilt at any time with an
-- identical result, which a test verifies. A write takes a stamp (begin_write), inserts and ends rows at that
-- stamp, logs them in change, and lets Projections bring these tables up to the stamp before it commits.

-- This table holds the current day in one row; a read without a date uses it, and Projections advances it.
create table current_day (
  is_only boolean primary key default true check (is_only),
  day     date not null
);
insert into current_day (day) values ((now() at time zone 'UTC')::date);

-- This table holds which factory each merged factory leads to, over known time; reads of a factory's claims use it.
create table factory_merged (
  loser_id    bigint not null references factory,
  -- The last of a chain of merges.
  survivor_id bigint not null references factory,
  known_from  timestamptz not null,
  known_to    timestamptz not null,
  primary key (loser_id, known_from)
);
create index factory_merged_survivor on factory_merged (survivor_id);

-- This table holds every region with each of its ancestors, itself included, over known time; filters by region use it.
create table region_closure (
  ancestor_id bigint not null references region,
  region_id   bigint not null references region,
  depth       int    not null,
  known_from  timestamptz not null,
  known_to    timestamptz not null,
  primary key (region_id, ancestor_id, known_from)
);
create index region_closure_ancestor on region_closure (ancestor_id);

-- This table holds each factory as known now, on the current day; current lists, items and tiles read it.
-- A merged factory has no row.
create table factory_current (
  factory_id              bigint primary key references factory,
  slug                    text   not null collate "C",
  version                 int    not null,
  name                    text   not null,
  sort_name               text   not null collate "C",
  sector                  text   not null,
  products                text[] not null,
  country                 text   not null,
  region_id               bigint,
  locality                text,
  lon                     float8,
  lat                     float8,
  location_precision      text,
  location_uncertainty_m  int,
  -- Parallel arrays in the order of the roles' rank; a reader leaves out the roles that are not valid on its date.
  operator_ids            bigint[] not null,
  operator_roles          text[] not null,
  operator_froms          date[] not null,
  operator_tos            date[] not null,
  status                  text,
  since_claim_id          bigint,
  -- The earliest day of the event that began the status.
  status_since_on         date,
  last_confirmed_on       date,
  last_confirmed_claim_id bigint,
  -- One entry for each product and physical quantity, the factory's first product first.
  capacity                jsonb  not null default '[]',
  capacity_basis          text   check (capacity_basis in ('phases', 'site')),
  capacity_is_partial     boolean not null default false,
  -- The first entry, in the reference unit of its quantity.
  capacity_quantity       text,
  capacity_reference      numeric,
  phase_count             int    not null,
  media_count             int    not null,
  source_count            int    not null,
  created_at              timestamptz not null,
  updated_at              timestamptz not null,
  -- The seq of the last write to the factory's own claims or versions; a rebuild comparison leaves it out.
  stamp                   bigint not null
);
create index factory_current_name on factory_current (sort_name, factory_id);
create index factory_current_status on factory_current (status, sort_name, factory_id);
create index factory_current_country on factory_current (country, sort_name, factory_id);
create index factory_current_region on factory_current (region_id, sort_name, factory_id);
create index factory_current_sector on factory_current (sector, sort_name, factory_id);
create index factory_current_updated on factory_current (updated_at, factory_id);
create index factory_current_created on factory_current (created_at, factory_id);
-- A missing value sorts last in either direction.
create index factory_current_since on factory_current (coalesce(status_since_on, 'infinity'), factory_id);
create index factory_current_since_desc on factory_current (coalesce(status_since_on, '-infinity'), factory_id);
create index factory_current_confirmed on factory_current (coalesce(last_confirmed_on, 'infinity'), factory_id);
create index factory_current_confirmed_desc on factory_current (coalesce(last_confirmed_on, '-infinity'), factory_id);
create index factory_current_capacity on factory_current (coalesce(capacity_reference, 'infinity'), factory_id);
create index factory_current_capacity_desc on factory_current (coalesce(capacity_reference, '-infinity'), factory_id);
-- With what a map shows, so that a tile reads no rows.
create index factory_current_map on factory_current (lon, lat)
  include (factory_id, status, sector, country, location_precision) where lon is not null;
create index factory_current_near on factory_current using gist (sphere_point(lon, lat)) where lon is not null;

-- This table holds the periods in which a factory had one status, as recorded or as published during a period of known
-- time; lists, counts and timelines of the past read it. The spans of a factory cover all days without gap or overlap.
create table status_span (
  factory_id     bigint  not null,
  -- The event that began the run of the phase whose status it is; it can be earlier than valid_from.
  since_claim_id bigint,
  known_from     timestamptz not null,
  known_to       timestamptz not null,
  valid_from     date    not null,
  valid_to       date    not null,
  is_published   boolean not null,
  -- Null before any status.
  status         text,
  constraint status_span_valid check (valid_from < valid_to),
  constraint status_span_known check (known_from < known_to)
);
create index status_span_factory on status_span (factory_id);
create index status_span_status on status_span (status, valid_to, valid_from);

-- This table holds the parts that the capacity of a factory consists of, over the same times; capacity of the past is
-- summed from it. A part is of a named phase, or of the whole site where phase_id is null.
create table capacity_span (
  factory_id   bigint  not null,
  known_from   timestamptz not null,
  known_to     timestamptz not null,
  valid_from   date    not null,
  valid_to     date    not null,
  phase_id     bigint,
  is_published boolean not null,
  -- True where it is part of the site's capacity on those days.
  is_counted   boolean not null,
  -- True where the factory has no other part on those days.
  is_alone     boolean not null,
  -- The status of the phase, or of the site, on those days.
  status       text    not null,
  product      text,
  -- Null for a phase, or a site, without any figure.
  unit         text,
  value        numeric,
  min          numeric,
  max          numeric,
  word         text,
  qualifier    text,
  constraint capacity_span_valid check (valid_from < valid_to),
  constraint capacity_span_known check (known_from < known_to)
);
create index capacity_span_factory on capacity_span (factory_id);
-- Timelines count factories with several parts apart.
create index capacity_span_together on capacity_span (factory_id) where not is_alone;

-- This table holds the names, slug, locality and operators of each factory as one text over known time; the parameter q
-- of lists of the past and the search for duplicates read it.
create table factory_text (
  factory_id bigint not null,
  text       text   not null,
  known_from timestamptz not null,
  known_to   timestamptz not null,
  primary key (factory_id, known_from)
);
-- Every search looks through the pending list, so it is kept short.
create index factory_text_trigrams on factory_text using gin (text gin_trgm_ops) with (gin_pending_list_limit = 256);
create index factory_text_words on factory_text using gin (text_words(text)) with (gin_pending_list_limit = 256);

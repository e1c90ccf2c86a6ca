-- The text and geometry functions that columns and indexes use, and the vocabularies that everything refers to.

create extension if not exists cube;
create extension if not exists fuzzystrmatch;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- Returns a text in lower case without accents; names are sorted by it.
-- unaccent() is only stable, because its dictionary could change. Ours is the one that ships, so an index may use it.
create function fold(text) returns text
  language sql immutable strict parallel safe
  return lower(unaccent('unaccent'::regdictionary, $1));

-- Returns what search compares: the folded text, in which each run of punctuation and spaces is one space.
create function search_text(text) returns text
  language sql immutable strict parallel safe
  return btrim(regexp_replace(fold($1), '[[:punct:][:space:]]+', ' ', 'g'));

-- Returns the words of a text that search_text returned; the history of texts is indexed by it.
create function text_words(p_text text) returns tsvector
  language sql immutable strict parallel safe
  return array_to_tsvector(array(select left(w, 200) from unnest(string_to_array(p_text, ' ')) w where w <> ''));

-- Returns a name without accents, legal forms and common words for plants, to compare names of sites and companies.
-- Where nothing would be left, it returns all of the name.
create function match_name(text) returns text
  language sql immutable strict parallel safe
  return coalesce(
    nullif(btrim(regexp_replace(
      search_text($1),
      '\m(s ?a ?s ?u?|s ?a|s ?a ?r ?l|s ?n ?c|s ?p ?a|s ?r ?l|sp z o ?o|g ?m ?b ?h|co kg|a ?g|k ?g|s ?e|b ?v|n ?v|a ?b|'
      'a ?s|oyj?|kft|zrt|nyrt|ltd|limited|plc|llc|inc|corp|corporation|company|societe|group|groupe|holding|'
      'usines?|factory|factories|plants?|works|sites?|mega|giga|(giga|mega)(factory|factories|usines?)|werke?|fabrik|'
      'fabrique|manufacture|fabbrica|stabilimento|planta|fabrica|zaklad|gyar|industriel|industrielle|industrial|'
      'projet|project|projekt|'
      'de|du|des|d|la|le|les|l|au|aux|en|sur|et|the|of|in|at|and|und|der|die|das|di|del|el)\M\s*', '', 'g')), ''),
    search_text($1));

-- Returns a place as a point on the unit sphere. The chord between two points grows with the great circle,
-- so the nearest neighbour in the index is the nearest on Earth.
create function sphere_point(lon float8, lat float8) returns cube
  language sql immutable strict parallel safe
  return cube(array[cos(radians(lat)) * cos(radians(lon)), cos(radians(lat)) * sin(radians(lon)), sin(radians(lat))]);

-- This table holds the statuses that a phase can have; events refer to it, and a site's status is chosen by it.
create table status (
  code          text primary key,
  stage         text not null check (stage in ('planned', 'building', 'active', 'stopped', 'ended')),
  progress      int  not null constraint status_progress_unique unique,
  -- Where phases differ, the lowest rank wins. The ended statuses share the last rank, and the latest of them wins.
  rollup_rank   int  not null,
  label_fr      text not null,
  label_en      text not null,
  definition_fr text not null,
  definition_en text not null
);

insert into status (code, stage, progress, rollup_rank, label_fr, label_en, definition_fr, definition_en) values
  ('rumoured', 'planned', 1, 10, 'Rumeur', 'Rumoured',
   'Un projet est évoqué sans que son porteur l''ait confirmé.',
   'A project is talked of, and its promoter has not confirmed it.'),
  ('announced', 'planned', 2, 8, 'Annoncé', 'Announced',
   'Le porteur du projet l''a rendu public.',
   'The promoter has made the project public.'),
  ('planning', 'planned', 3, 7, 'En préparation', 'Planning',
   'Études, concertation ou demandes d''autorisation sont en cours.',
   'Studies, consultation or permit applications are under way.'),
  ('permitted', 'planned', 4, 6, 'Autorisé', 'Permitted',
   'Les autorisations nécessaires pour construire sont accordées.',
   'The permits that building needs are granted.'),
  ('site_preparation', 'building', 5, 4, 'Préparation du site', 'Site preparation',
   'Terrassement, dépollution ou démolition préalables au chantier.',
   'Earthworks, clean-up or demolition ahead of building.'),
  ('under_construction', 'building', 6, 3, 'En construction', 'Under construction',
   'Les bâtiments ou les installations sont en train d''être construits.',
   'Buildings or plant are being built.'),
  ('commissioning', 'building', 7, 2, 'Mise en service', 'Commissioning',
   'Les installations sont essayées avant la production commerciale.',
   'The plant is being tested ahead of commercial production.'),
  ('operating', 'active', 8, 1, 'En activité', 'Operating',
   'Le site produit.',
   'The site produces.'),
  ('idled', 'stopped', 9, 5, 'À l''arrêt', 'Idled',
   'Le site a produit et ne produit plus, sans être fermé.',
   'The site has produced and has stopped, without being closed.'),
  ('suspended', 'stopped', 10, 9, 'Suspendu', 'Suspended',
   'Le projet est interrompu avant d''avoir produit.',
   'The project is halted before it has produced.'),
  ('cancelled', 'ended', 11, 11, 'Abandonné', 'Cancelled',
   'Le projet est abandonné avant l''achèvement de la construction.',
   'The project is given up before building was finished.'),
  ('never_commissioned', 'ended', 12, 11, 'Jamais mis en service', 'Never commissioned',
   'Le site a été construit et n''a jamais produit.',
   'The site was built and never produced.'),
  ('closed', 'ended', 13, 11, 'Fermé', 'Closed',
   'Le site a produit et a cessé pour de bon.',
   'The site has produced and has ceased for good.'),
  ('dismantled', 'ended', 14, 11, 'Démantelé', 'Dismantled',
   'Les installations ont été retirées.',
   'The plant has been taken away.');

-- This table holds the milestones that an event can report instead of a status.
create table milestone (
  code     text primary key,
  position int  not null constraint milestone_position_unique unique,
  label_fr text not null,
  label_en text not null
);

insert into milestone (code, position, label_fr, label_en) values
  ('filing',                    1, 'Dépôt de la demande',             'Application filed'),
  ('filing_withdrawn',          2, 'Retrait de la demande',           'Application withdrawn'),
  ('consultation',              3, 'Consultation du public',          'Public consultation'),
  ('permit_granted',            4, 'Autorisation accordée',           'Permit granted'),
  ('permit_refused',            5, 'Autorisation refusée',            'Permit refused'),
  ('permit_annulled',           6, 'Autorisation annulée',            'Permit annulled'),
  ('permit_expired',            7, 'Autorisation expirée',            'Permit expired'),
  ('appeal_lodged',             8, 'Recours déposé',                  'Appeal lodged'),
  ('appeal_granted',            9, 'Recours accueilli',               'Appeal granted'),
  ('appeal_refused',           10, 'Recours rejeté',                  'Appeal refused'),
  ('appeal_withdrawn',         11, 'Recours retiré',                  'Appeal withdrawn'),
  ('final_investment_decision',12, 'Décision finale d''investissement','Final investment decision'),
  ('financing',                13, 'Financement bouclé',              'Financing secured'),
  ('funding_decision',         14, 'Décision d''aide publique',       'Public funding decided'),
  ('land_purchase',            15, 'Acquisition du terrain',          'Land purchased'),
  ('groundbreaking',           16, 'Première pierre',                 'Groundbreaking'),
  ('foundations',              17, 'Fondations',                      'Foundations'),
  ('building_closed',          18, 'Bâtiment clos et couvert',        'Building closed'),
  ('equipment_in',             19, 'Équipements livrés',              'Equipment in'),
  ('grid_connected',           20, 'Raccordement au réseau',          'Grid connected'),
  ('first_product',            21, 'Premier produit',                 'First product'),
  ('full_rate',                22, 'Pleine cadence',                  'Full rate'),
  ('inauguration',             23, 'Inauguration',                    'Inauguration'),
  ('insolvency',               24, 'Procédure d''insolvabilité',      'Insolvency'),
  ('sale',                     25, 'Vente',                           'Sale'),
  ('ownership_change',         26, 'Changement d''actionnaire',       'Change of ownership'),
  ('layoffs',                  27, 'Licenciements',                   'Layoffs'),
  ('other',                    28, 'Autre',                           'Other');

-- This table holds the sectors of factories; packs and imports add the ones that they need.
create table sector (
  code     text primary key check (code ~ '^[a-z0-9]+(_[a-z0-9]+)*$'),
  label_fr text not null,
  label_en text not null
);

insert into sector (code, label_fr, label_en) values
  ('battery_cells',        'Cellules de batteries',      'Battery cells'),
  ('battery_packs',        'Packs de batteries',         'Battery packs'),
  ('battery_materials',    'Matériaux de batteries',     'Battery materials'),
  ('battery_recycling',    'Recyclage de batteries',     'Battery recycling'),
  ('power_generation',     'Production d''électricité',  'Power generation'),
  ('other',                'Autre',                      'Other');

-- This table holds the properties that a figure can state.
create table figure_property (
  code     text primary key,
  label_fr text not null,
  label_en text not null
);

insert into figure_property (code, label_fr, label_en) values
  ('capacity',   'Capacité',       'Capacity'),
  ('jobs',       'Emplois',        'Jobs'),
  ('investment', 'Investissement', 'Investment'),
  ('funding',    'Aide publique',  'Public funding'),
  ('area',       'Surface',        'Area');

-- This table holds the qualifiers of figures; the nameplate is the figure whose qualifier comes first.
create table figure_qualifier (
  code         text primary key,
  concreteness int  not null constraint figure_qualifier_concreteness_unique unique
);

insert into figure_qualifier (code, concreteness) values
  ('installed', 1), ('under_construction', 2), ('permitted', 3), ('announced', 4), ('target', 5);

-- This table holds the units of figures; sums, filters and sorting convert to the reference unit of the quantity.
-- Money is an ISO 4217 code, and each currency is its own reference.
create table unit (
  code           text primary key,
  quantity       text not null check (quantity in (
    'count', 'area', 'power', 'energy', 'mass', 'volume', 'money',
    'energy_per_year', 'mass_per_year', 'volume_per_year', 'count_per_year')),
  reference_unit text not null references unit deferrable initially deferred,
  -- A value in this unit, times the factor, is the value in the reference unit.
  factor         numeric not null check (factor > 0)
);

insert into unit (code, quantity, reference_unit, factor) values
  ('1', 'count', '1', 1), ('jobs', 'count', 'jobs', 1),
  ('m2', 'area', 'm2', 1), ('ha', 'area', 'm2', 10000), ('km2', 'area', 'm2', 1000000),
  ('kW', 'power', 'MW', 0.001), ('MW', 'power', 'MW', 1), ('GW', 'power', 'MW', 1000),
  ('kWh', 'energy', 'MWh', 0.001), ('MWh', 'energy', 'MWh', 1), ('GWh', 'energy', 'MWh', 1000),
  ('kWh/year', 'energy_per_year', 'GWh/year', 0.000001), ('MWh/year', 'energy_per_year', 'GWh/year', 0.001),
  ('GWh/year', 'energy_per_year', 'GWh/year', 1), ('TWh/year', 'energy_per_year', 'GWh/year', 1000),
  ('kg', 'mass', 't', 0.001), ('t', 'mass', 't', 1), ('kt', 'mass', 't', 1000), ('Mt', 'mass', 't', 1000000),
  ('kg/year', 'mass_per_year', 't/year', 0.001), ('t/year', 'mass_per_year', 't/year', 1),
  ('kt/year', 'mass_per_year', 't/year', 1000), ('Mt/year', 'mass_per_year', 't/year', 1000000),
  ('m3/year', 'volume_per_year', 'm3/year', 1), ('units/year', 'count_per_year', 'units/year', 1),
  ('EUR', 'money', 'EUR', 1), ('USD', 'money', 'USD', 1), ('GBP', 'money', 'GBP', 1), ('SEK', 'money', 'SEK', 1),
  ('NOK', 'money', 'NOK', 1), ('PLN', 'money', 'PLN', 1), ('HUF', 'money', 'HUF', 1), ('CZK', 'money', 'CZK', 1),
  ('DKK', 'money', 'DKK', 1), ('CHF', 'money', 'CHF', 1), ('CNY', 'money', 'CNY', 1), ('JPY', 'money', 'JPY', 1),
  ('KRW', 'money', 'KRW', 1), ('TRY', 'money', 'TRY', 1);

-- This table holds the quantities that a property can be measured in; a figure in another unit is refused.
create table figure_measure (
  property text not null references figure_property,
  quantity text not null check (quantity in (
    'count', 'area', 'power', 'energy', 'mass', 'volume', 'money',
    'energy_per_year', 'mass_per_year', 'volume_per_year', 'count_per_year')),
  primary key (property, quantity)
);

insert into figure_measure (property, quantity) values
  ('capacity', 'power'), ('capacity', 'energy'), ('capacity', 'energy_per_year'), ('capacity', 'mass'),
  ('capacity', 'mass_per_year'), ('capacity', 'volume'), ('capacity', 'volume_per_year'),
  ('capacity', 'count_per_year'),
  ('jobs', 'count'), ('investment', 'money'), ('funding', 'money'), ('area', 'area');

-- This table holds how precise a location can be; the lowest rank is the most precise.
-- The centre of a commune is a municipality, never a site.
create table location_precision (
  code text primary key,
  rank int  not null constraint location_precision_rank_unique unique
);

insert into location_precision (code, rank) values
  ('site', 1), ('street', 2), ('locality', 3), ('municipality', 4), ('region', 5), ('country', 6);

-- This table holds the roles that an operator can have in a factory; lists show the lowest rank first.
create table role_kind (
  code text primary key,
  rank int  not null constraint role_kind_rank_unique unique
);

insert into role_kind (code, rank) values
  ('operator', 1), ('owner', 2), ('developer', 3), ('contractor', 4), ('customer', 5), ('lender', 6), ('authority', 7);

-- This table holds the schemes of identifiers that other registers gave to resources.
create table identifier_scheme (
  code    text primary key check (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  -- A stable page for a value, which replaces {value}.
  pattern text
);

-- INSEE numbers regions and departments alike: 32 is Hauts-de-France and the Gers.
insert into identifier_scheme (code, pattern) values
  ('wikidata', 'https://www.wikidata.org/wiki/{value}'), ('osm', 'https://www.openstreetmap.org/{value}'),
  ('siren', null), ('siret', null), ('lei', null), ('gem', null), ('os-id', null), ('repd', null),
  ('iso3166-1', null), ('iso3166-2', null), ('nuts', null), ('insee', null), ('insee-region', null),
  ('hotmaps', null), ('jrc-eic', null);

-- Text folding and the words that everything else refers to.

create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists cube;

-- unaccent() is only stable, because its dictionary could change; ours is the one that ships, so an index may rest on it.
create function fold(text) returns text
  language sql immutable strict parallel safe
  return lower(unaccent('unaccent'::regdictionary, $1));

-- What search compares: folded, and any run of punctuation is one space, so that hyphens never matter.
create function search_text(text) returns text
  language sql immutable strict parallel safe
  return btrim(regexp_replace(fold($1), '[[:punct:][:space:]]+', ' ', 'g'));

create table status (
  code          text primary key,
  stage         text not null check (stage in ('planned', 'building', 'active', 'stopped', 'ended')),
  progress      int  not null constraint status_progress_unique unique,
  -- Lower wins when phases differ; the ended terms share the last rank, and the latest of them wins.
  rollup_rank   int  not null,
  label_fr      text not null,
  label_en      text not null,
  definition_fr text not null,
  definition_en text not null
);

insert into status (code, stage, progress, rollup_rank, label_fr, label_en, definition_fr, definition_en) values
  ('rumoured',           'planned',   1, 10, 'Rumeur',               'Rumoured',           'Un projet est évoqué sans que son porteur l''ait confirmé.',            'A project is talked of, and its promoter has not confirmed it.'),
  ('announced',          'planned',   2,  8, 'Annoncé',              'Announced',          'Le porteur du projet l''a rendu public.',                               'The promoter has made the project public.'),
  ('planning',           'planned',   3,  7, 'En préparation',       'Planning',           'Études, concertation ou demandes d''autorisation sont en cours.',       'Studies, consultation or permit applications are under way.'),
  ('permitted',          'planned',   4,  6, 'Autorisé',             'Permitted',          'Les autorisations nécessaires pour construire sont accordées.',         'The permits that building needs are granted.'),
  ('site_preparation',   'building',  5,  4, 'Préparation du site',  'Site preparation',   'Terrassement, dépollution ou démolition préalables au chantier.',       'Earthworks, clean-up or demolition ahead of building.'),
  ('under_construction', 'building',  6,  3, 'En construction',      'Under construction', 'Les bâtiments ou les installations sont en train d''être construits.',  'Buildings or plant are being built.'),
  ('commissioning',      'building',  7,  2, 'Mise en service',      'Commissioning',      'Les installations sont essayées avant la production commerciale.',      'The plant is being tested ahead of commercial production.'),
  ('operating',          'active',    8,  1, 'En activité',          'Operating',          'Le site produit.',                                                      'The site produces.'),
  ('idled',              'stopped',   9,  5, 'À l''arrêt',           'Idled',              'Le site a produit et ne produit plus, sans être fermé.',                'The site has produced and has stopped, without being closed.'),
  ('suspended',          'stopped',  10,  9, 'Suspendu',             'Suspended',          'Le projet est interrompu avant d''avoir produit.',                      'The project is halted before it has produced.'),
  ('cancelled',          'ended',    11, 11, 'Abandonné',            'Cancelled',          'Le projet est abandonné avant l''achèvement de la construction.',       'The project is given up before building was finished.'),
  ('never_commissioned', 'ended',    12, 11, 'Jamais mis en service','Never commissioned', 'Le site a été construit et n''a jamais produit.',                       'The site was built and never produced.'),
  ('closed',             'ended',    13, 11, 'Fermé',                'Closed',             'Le site a produit et a cessé pour de bon.',                             'The site has produced and has ceased for good.'),
  ('dismantled',         'ended',    14, 11, 'Démantelé',            'Dismantled',         'Les installations ont été retirées.',                                   'The plant has been taken away.');

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

-- Sectors grow with the packs and imports that need them.
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

-- The later in progress, the more concrete: sums take the most concrete qualifier of each phase.
create table figure_qualifier (
  code         text primary key,
  concreteness int  not null constraint figure_qualifier_concreteness_unique unique
);

insert into figure_qualifier (code, concreteness) values
  ('installed', 1), ('under_construction', 2), ('permitted', 3), ('announced', 4), ('target', 5);

-- Units are only added to their like. Money is an ISO 4217 code.
create table unit (
  code     text primary key,
  quantity text not null check (quantity in ('count', 'area', 'power', 'energy', 'mass', 'volume', 'money',
                                             'energy_per_year', 'mass_per_year', 'volume_per_year', 'count_per_year'))
);

insert into unit (code, quantity) values
  ('1', 'count'), ('jobs', 'count'), ('ha', 'area'), ('m2', 'area'), ('MW', 'power'), ('MWh', 'energy'),
  ('GWh/year', 'energy_per_year'), ('MWh/year', 'energy_per_year'), ('t/year', 'mass_per_year'), ('t', 'mass'),
  ('m3/year', 'volume_per_year'), ('units/year', 'count_per_year'),
  ('EUR', 'money'), ('USD', 'money'), ('GBP', 'money'), ('SEK', 'money'), ('NOK', 'money'), ('PLN', 'money'),
  ('HUF', 'money'), ('CZK', 'money'), ('DKK', 'money'), ('CHF', 'money'), ('CNY', 'money'), ('JPY', 'money'), ('KRW', 'money');

-- Lower is more precise. A commune's centre is a municipality, never a site.
create table location_precision (
  code text primary key,
  rank int  not null constraint location_precision_rank_unique unique
);

insert into location_precision (code, rank) values
  ('site', 1), ('street', 2), ('locality', 3), ('municipality', 4), ('region', 5), ('country', 6);

create table role_kind (
  code text primary key,
  rank int  not null constraint role_kind_rank_unique unique
);

insert into role_kind (code, rank) values
  ('operator', 1), ('owner', 2), ('developer', 3), ('contractor', 4), ('customer', 5), ('lender', 6), ('authority', 7);

create table identifier_scheme (
  code    text primary key check (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  -- A stable page for a value, {value} standing for it.
  pattern text
);

insert into identifier_scheme (code, pattern) values
  ('wikidata', 'https://www.wikidata.org/wiki/{value}'), ('osm', 'https://www.openstreetmap.org/{value}'),
  ('siren', null), ('siret', null), ('lei', null), ('gem', null), ('os-id', null), ('repd', null),
  ('iso3166-1', null), ('iso3166-2', null), ('nuts', null), ('insee', null);

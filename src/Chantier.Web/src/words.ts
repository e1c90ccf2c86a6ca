import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

export type Lang = 'en' | 'fr';

const en = {
  tagline: 'Industrial sites, and which source says so',
  skip: 'Skip to the content',
  sites: 'Sites',
  dashboard: 'Dashboard',
  api: 'API',
  language: 'Language',
  views: 'Views',
  loading: 'Loading…',
  failures: {
    missing: ['There is no such entry', 'It was never here under this name, or is here no more.'],
    unknownThen: ['Nothing was known of it then', 'No source that was published by this date tells of it.'],
    refused: ['Invalid request', 'The address contains a value that the service does not accept, for example a date in the future.'],
    unavailable: ['The service cannot answer now', 'It is busy, or its database does not answer. That usually passes soon.'],
    unreachable: ['The service does not answer', 'Is the connection there?'],
  } as Record<'missing' | 'unknownThen' | 'refused' | 'unavailable' | 'unreachable', [title: string, text: string]>,
  asKnownNow: 'Show it as it is known today',
  tryAgain: 'Try again',
  notRenewed: 'This could not be brought up to date.',
  nothingHere: 'There is nothing at this address.',
  toSites: 'To the sites',

  search: 'Find a site, a company, a place',
  searchHint: 'Verkor, Dunkerque, Hauts-de-France…',
  status: 'Status',
  country: 'Country',
  sector: 'Sector',
  all: 'All',
  clear: 'Clear the filter',
  drop: 'leave this out',
  sort: 'Order',
  byName: 'by name',
  byMove: 'latest move first',
  byConfirmed: 'latest confirmed first',
  sitesFound: (n: number) => n === 1 ? '1 site' : `${number('en', n)} sites`,
  noSites: 'No site is like that.',
  noSitesOn: 'No site is like that on this date.',
  more: 'Show more',
  firstOf: (n: number, all: number) => `These are the first ${number('en', n)} of ${number('en', all)}. Narrow the filter, or take all along:`,
  onlyIn: 'In the region',
  onlyOf: 'Of the company',
  ofMap: { 'Map.Title': 'Map of the sites' } as Record<string, string>,
  mapFailed: 'This browser cannot draw the map (it has no WebGL). The list has all the sites.',
  mapMissed: 'The map could not be loaded.',
  sitesHere: (n: number) => `${number('en', n)} sites here`,

  asOf: 'As of',
  today: 'today',
  backToToday: 'Back to today',
  asKnownThen: 'using only what was published by then',
  hindsight: 'Told with what is known today, later announcements included.',
  noStatus: 'no status',
  notYet: 'nothing known of that date',
  notYetCount: (n: number) => n === 1 ? 'Of 1 site nothing is known of that date.' : `Of ${number('en', n)} sites nothing is known of that date.`,
  placesOfToday: 'Places as they are known today.',

  since: 'since',
  seen: 'seen',
  lastConfirmed: 'Last confirmed',
  capacity: 'Capacity',
  siteTotal: 'site total',
  partial: 'partial: some units have no figure',
  next: 'Expected next',
  start: 'Start',
  later: (months: string) => `${months} later`,
  earlier: (months: string) => `${months} earlier`,
  isOverdue: 'overdue',
  calledOff: (status: string) => `${status} before it started`,
  announcedFor: (date: string) => `first announced for ${date}`,
  announcedThen: (date: string, then: string) => `first announced for ${date}, then for ${then}`,
  months: (n: number) => n === 1 ? '1 month' : `${number('en', n)} months`,
  postponements: (n: number) => n === 1 ? 'postponed once' : `postponed ${n} times`,
  onTime: 'as announced',
  notClaimed: 'No source says.',
  sourcesCount: (n: number) => n === 1 ? '1 source' : `${number('en', n)} sources`,
  place: 'Place',
  precision: (word: string, metres: number | null) => `known to the ${word}${metres ? `, ± ${number('en', metres)} m` : ''}`,
  website: 'Website',
  alsoNamed: 'Also named',

  timeline: 'Timeline',
  timelineHint: 'Point at an entry, or reach it with the Tab key, to see what it rests on; a click or Enter holds it.',
  timelineHintTouch: 'Tap an entry to see what it rests on.',
  letGo: 'Back to the timeline',
  actual: 'happened',
  observed: 'was seen so',
  inferred: 'concluded',
  expected: 'expected',
  slipped: 'expected, then put off',
  replaced: 'expected, until news said otherwise',
  overdue: 'expected, and its date has passed',
  dropped: 'was expected before the end',
  outdone: 'another of the same day goes before it',
  confirms: 'confirms a more precise date',
  milestone: 'milestone',
  milestones: 'Milestones',
  said: (date: string) => `said ${date}`,
  asTable: 'The same as a table',
  date: 'Date',
  what: 'What',
  basis: 'Basis',
  sources: 'Sources',
  noEvents: 'No source tells of its course.',
  thePlant: 'The plant',

  figures: 'Figures',
  noFigures: 'No source gives a figure.',
  alsoSaid: 'Other figures',
  earlierFigures: 'Earlier figures',
  forDate: (date: string) => `for ${date}`,
  scopes: { part: 'a part of the site', group: 'several sites together' } as Record<string, string>,
  pictures: 'Pictures',
  noMedia: 'No picture is known.',
  licenceUnknown: 'licence unknown',
  showPicture: 'Show the picture from its origin',
  pictureFrom: (host: string) => `It is loaded from ${host}, which then knows that you look at it.`,
  pictureFailed: 'The picture could not be loaded from its origin.',
  originalAt: (kind: string, host: string) => `${kind} at ${host}`,
  media: { image: 'Picture', satellite: 'Satellite view', video: 'Video', document: 'Document' } as Record<string, string>,
  credit: 'Credit',
  licence: 'Licence',
  ownership: 'Who runs and owns it',
  noOperators: 'No source names a company.',
  shareholders: (name: string) => `Shareholders of ${name}`,
  unknownRest: 'not known',
  shareUnknown: 'share not said',
  changes: 'What changed here',
  andMore: (n: number) => `and ${number('en', n)} more`,
  by: 'by',
  published: 'Published',
  publisher: 'Publisher',
  kind: 'Kind',
  read: 'Read the source',
  archived: 'Archived copy',
  restsOn: 'What rests on this source',
  nothingRests: 'Nothing rests on it.',
  is: (what: string, how: string) => `${what}: ${how}`,
  north: 'N',
  south: 'S',
  east: 'E',
  west: 'W',
  memberOf: (name: string) => `Part of ${name}`,
  retracted: 'This source was retracted.',

  figuresToday: 'At a glance',
  sitesInAll: 'sites',
  medianSlip: 'median slip of starts',
  statusByCountry: 'Status by country',
  statusByRegion: 'Status by region',
  groupBy: 'Group by',
  byCountry: 'by country',
  byRegion: 'by region',
  region: 'Region',
  noRegion: 'region not told',
  noStatusCount: (n: number) => `Of ${n === 1 ? '1 site' : `${number('en', n)} sites`} no source says a status.`,
  onlyLargest: (n: number, all: number) => `The ${n} with the most sites, of ${number('en', all)}.`,
  capacityOverTime: 'Capacity over time',
  slippage: 'Starts that moved',
  nothingMoved: 'No start has moved.',
  slipInMonths: 'Slip (months)',
  offLegend: 'cancelled or never commissioned',
  slipCounts: (all: number, started: number, late: number, overdue: number) => `Of ${number('en', all)} sites with an announced start ${number('en', started)} have started on a known date, ${number('en', late)} are later than first announced, however the dates are read, and ${number('en', overdue)} are overdue.`,
  showAll: (n: number) => `Show all ${number('en', n)}`,
  showThese: (n: number) => `Show these ${number('en', n)}`,
  onlyMostSlipped: (n: number) => `Only the ${number('en', n)} that slipped most are here; the table as CSV has all.`,
  slippageHint: 'From the date that was announced first to the latest that is expected, or the real one.',
  unit: 'Unit',
  firstExpected: 'First announced',
  latestExpected: 'Latest expected',
  started: 'Started',
  site: 'Site',
  behind: (unit: string, n: number, others: number, without: number) =>
    `${number('en', n)} sites with a figure in ${unit}, ${others === 0 ? '' : `${number('en', others)} with another unit or product, `}`
    + `${number('en', without)} without. A site is counted once for each status of its parts; those that ended are left out.`,
  ofItInstalled: (amount: string, unit: string) => `Of the active capacity, ${amount} ${unit} is reported as installed.`,
  drawnByLeast: 'Where sources give a range, the least is drawn.',
  nothingToShow: 'There is nothing to show for this filter.',
  stages: { planned: 'planned', building: 'building', active: 'active', stopped: 'stopped', ended: 'ended' } as Record<string, string>,
  sectors: {
    battery_cells: 'Battery cells', battery_packs: 'Battery packs', battery_materials: 'Battery materials', battery_recycling: 'Battery recycling',
    power_generation: 'Power generation', other: 'Other',
  } as Record<string, string>,
  roles: { operator: 'operator', owner: 'owner', developer: 'developer', contractor: 'contractor', customer: 'customer', lender: 'lender', authority: 'authority' } as Record<string, string>,
  precisions: { site: 'site', street: 'street', locality: 'locality', municipality: 'municipality', region: 'region', country: 'country' } as Record<string, string>,
  properties: { capacity: 'Capacity', jobs: 'Jobs', investment: 'Investment', funding: 'Funding', area: 'Area' } as Record<string, string>,
  qualifiers: { announced: 'announced', permitted: 'permitted', under_construction: 'under construction', installed: 'installed', target: 'target' } as Record<string, string>,
  causes: {
    created: 'Created', revised: 'Revised', superseded: 'Superseded', retracted: 'Retracted', merged: 'Merged', unmerged: 'Unmerged', deleted: 'Deleted',
    imported: 'Imported', redacted: 'Redacted',
  } as Record<string, string>,
  sourceKinds: {
    press: 'press', company: 'company', agency: 'news agency', official: 'official', permit: 'permit', register: 'register', satellite: 'satellite', dataset: 'data set',
    compilation: 'compilation', other: 'other',
  } as Record<string, string>,
  kinds: {
    status_event: 'Status', figure: 'Figure', role: 'Role', ownership: 'Shareholder', location: 'Place', depiction: 'Picture', membership: 'Member', merge: 'Merge',
    factory: 'Site', phase: 'Unit', media: 'Medium', source: 'Source', operator: 'Company', region: 'Region', evidence: 'Evidence', identifier: 'Identifier',
  } as Record<string, string>,
};

const fr: typeof en = {
  tagline: 'Les sites industriels, et la source qui le dit',
  skip: 'Aller au contenu',
  sites: 'Sites',
  dashboard: 'Tableau de bord',
  api: 'API',
  language: 'Langue',
  views: 'Vues',
  loading: 'Chargement…',
  failures: {
    missing: ["Cette entrée n'existe pas", "Elle n'a jamais existé sous ce nom, ou n'existe plus."],
    unknownThen: ["On n'en savait rien alors", "Aucune source publiée à cette date n'en parle."],
    refused: ['Requête invalide', "L'adresse contient une valeur que le service n'accepte pas, par exemple une date future."],
    unavailable: ['Le service ne peut pas répondre maintenant', 'Il est occupé, ou sa base de données ne répond pas. En général, cela passe vite.'],
    unreachable: ['Le service ne répond pas', 'La connexion est-elle là\u202f?'],
  },
  asKnownNow: "L'afficher tel que connu aujourd'hui",
  tryAgain: 'Réessayer',
  notRenewed: "Cela n'a pas pu être mis à jour.",
  nothingHere: "Il n'y a rien à cette adresse.",
  toSites: 'Vers les sites',

  search: 'Trouver un site, une entreprise, un lieu',
  searchHint: 'Verkor, Dunkerque, Hauts-de-France…',
  status: 'Statut',
  country: 'Pays',
  sector: 'Secteur',
  all: 'Tous',
  clear: 'Effacer le filtre',
  drop: 'retirer',
  sort: 'Ordre',
  byName: 'par nom',
  byMove: "dernier changement d'abord",
  byConfirmed: "dernière confirmation d'abord",
  sitesFound: n => n === 1 ? '1 site' : `${number('fr', n)} sites`,
  noSites: 'Aucun site ne correspond.',
  noSitesOn: 'Aucun site ne correspond à cette date.',
  more: 'Afficher la suite',
  firstOf: (n, all) => `Ce sont les ${number('fr', n)} premiers sur ${number('fr', all)}. Affinez le filtre, ou emportez-les tous\u202f:`,
  onlyIn: 'Dans la région',
  onlyOf: "De l'entreprise",
  ofMap: {
    'Map.Title': 'Carte des sites', 'NavigationControl.ZoomIn': 'Zoom avant', 'NavigationControl.ZoomOut': 'Zoom arrière', 'Marker.Title': 'Repère',
    'CooperativeGesturesHandler.WindowsHelpText': 'Ctrl + molette pour zoomer sur la carte', 'CooperativeGesturesHandler.MacHelpText': '⌘ + molette pour zoomer sur la carte',
    'CooperativeGesturesHandler.MobileHelpText': 'Déplacez la carte avec deux doigts',
  },
  mapFailed: 'Ce navigateur ne peut pas dessiner la carte (sans WebGL). La liste contient tous les sites.',
  mapMissed: "La carte n'a pas pu être chargée.",
  sitesHere: n => `${number('fr', n)} sites ici`,

  asOf: 'À la date',
  today: "aujourd'hui",
  backToToday: "Revenir à aujourd'hui",
  asKnownThen: "selon les informations publiées à l'époque",
  hindsight: "D'après ce qui est connu aujourd'hui, annonces ultérieures comprises.",
  noStatus: 'sans statut',
  notYet: 'rien de connu à cette date',
  notYetCount: n => n === 1 ? "D'un site, rien n'est connu à cette date." : `De ${number('fr', n)} sites, rien n'est connu à cette date.`,
  placesOfToday: "Lieux tels que connus aujourd'hui.",

  since: 'depuis',
  seen: 'constaté',
  lastConfirmed: 'Dernière confirmation',
  capacity: 'Capacité',
  siteTotal: 'total du site',
  partial: 'partielle\u202f: certaines unités sont sans chiffre',
  next: 'Prochaine étape attendue',
  start: 'Démarrage',
  later: months => `${months} plus tard`,
  earlier: months => `${months} plus tôt`,
  isOverdue: 'échéance dépassée',
  calledOff: status => `${status} avant d'avoir démarré`,
  announcedFor: date => `annoncé d'abord pour ${date}`,
  announcedThen: (date, then) => `annoncé d'abord pour ${date}, puis pour ${then}`,
  months: n => `${number('fr', n)} mois`,
  postponements: n => n === 1 ? 'reporté une fois' : `reporté ${n} fois`,
  onTime: 'comme annoncé',
  notClaimed: 'Aucune source ne le dit.',
  sourcesCount: n => n === 1 ? '1 source' : `${number('fr', n)} sources`,
  place: 'Lieu',
  precision: (word, metres) => `précision\u202f: ${word}${metres ? `, ± ${number('fr', metres)} m` : ''}`,
  website: 'Site web',
  alsoNamed: 'Autres noms',

  timeline: 'Chronologie',
  timelineHint: 'Pointez une entrée, ou atteignez-la avec la touche Tab, pour voir ce sur quoi elle repose\u202f; un clic ou Entrée la retient.',
  timelineHintTouch: 'Touchez une entrée pour voir ce sur quoi elle repose.',
  letGo: 'Revenir à la chronologie',
  actual: 'a eu lieu',
  observed: 'constaté',
  inferred: 'déduit',
  expected: 'attendu',
  slipped: 'attendu, puis repoussé',
  replaced: "attendu, jusqu'à ce qu'on dise autrement",
  overdue: 'attendu, échéance passée',
  dropped: "était attendu avant la fin",
  outdone: 'un autre du même jour passe avant',
  confirms: 'confirme une date plus précise',
  milestone: 'jalon',
  milestones: 'Jalons',
  said: date => `dit ${date}`,
  asTable: 'La même chose en tableau',
  date: 'Date',
  what: 'Quoi',
  basis: 'Nature',
  sources: 'Sources',
  noEvents: 'Aucune source ne raconte son parcours.',
  thePlant: "L'usine",

  figures: 'Chiffres',
  noFigures: 'Aucune source ne donne de chiffre.',
  alsoSaid: 'Autres chiffres',
  earlierFigures: 'Chiffres antérieurs',
  forDate: date => `pour ${date}`,
  scopes: { part: 'une partie du site', group: 'plusieurs sites ensemble' },
  pictures: 'Images',
  noMedia: "Aucune image n'est connue.",
  licenceUnknown: 'licence inconnue',
  showPicture: "Afficher l'image depuis son origine",
  pictureFrom: host => `Elle est chargée depuis ${host}, qui saura alors que vous la regardez.`,
  pictureFailed: "L'image n'a pas pu être chargée depuis son origine.",
  originalAt: (kind, host) => `${kind} sur ${host}`,
  media: { image: 'Image', satellite: 'Vue satellite', video: 'Vidéo', document: 'Document' },
  credit: 'Crédit',
  licence: 'Licence',
  ownership: "Qui l'exploite et la possède",
  noOperators: 'Aucune source ne nomme une entreprise.',
  shareholders: name => `Actionnaires de ${name}`,
  unknownRest: 'inconnu',
  shareUnknown: 'part non précisée',
  changes: 'Ce qui a changé ici',
  andMore: n => `et ${number('fr', n)} de plus`,
  by: 'par',
  published: 'Publication',
  publisher: 'Éditeur',
  kind: 'Nature',
  read: 'Lire la source',
  archived: 'Copie archivée',
  restsOn: 'Ce qui repose sur cette source',
  nothingRests: 'Rien ne repose sur elle.',
  is: (what, how) => `${what}\u202f: ${how}`,
  north: 'N',
  south: 'S',
  east: 'E',
  west: 'O',
  memberOf: name => `Fait partie de ${name}`,
  retracted: 'Cette source a été retirée.',

  figuresToday: "Vue d'ensemble",
  sitesInAll: 'sites',
  medianSlip: 'retard médian des démarrages',
  statusByCountry: 'Statut par pays',
  statusByRegion: 'Statut par région',
  groupBy: 'Grouper par',
  byCountry: 'par pays',
  byRegion: 'par région',
  region: 'Région',
  noRegion: 'région non dite',
  noStatusCount: n => `Pour ${n === 1 ? '1 site' : `${number('fr', n)} sites`}, aucune source ne dit de statut.`,
  onlyLargest: (n, all) => `Les ${n} avec le plus de sites, sur ${number('fr', all)}.`,
  capacityOverTime: 'Capacité dans le temps',
  slippage: 'Démarrages décalés',
  nothingMoved: "Aucun démarrage n'a été décalé.",
  slipInMonths: 'Décalage (mois)',
  offLegend: 'annulé ou jamais mis en service',
  slipCounts: (all, started, late, overdue) => `Sur ${number('fr', all)} sites au démarrage annoncé, ${number('fr', started)} ont démarré à une date connue, ${number('fr', late)} sont plus tardifs qu'annoncé d'abord, de quelque façon qu'on lise les dates, et ${number('fr', overdue)} ont dépassé l'échéance.`,
  showAll: n => `Afficher les ${number('fr', n)}`,
  showThese: n => `Afficher ces ${number('fr', n)}`,
  onlyMostSlipped: n => `Seuls les ${number('fr', n)} les plus décalés sont ici\u202f; le tableau en CSV les contient tous.`,
  slippageHint: "De la date annoncée d'abord à la dernière attendue, ou à la réelle.",
  unit: 'Unité',
  firstExpected: "Annoncé d'abord",
  latestExpected: 'Dernière attente',
  started: 'Démarré',
  site: 'Site',
  behind: (unit, n, others, without) =>
    `${number('fr', n)} sites avec un chiffre en ${unit}, ${others === 0 ? '' : `${number('fr', others)} pour une autre unité ou un autre produit, `}`
    + `${number('fr', without)} sans. Un site compte une fois pour chaque statut de ses parties\u202f; celles qui sont terminées sont laissées de côté.`,
  ofItInstalled: (amount, unit) => `Dans la capacité en activité, ${amount} ${unit} sont donnés comme installés.`,
  drawnByLeast: 'Là où les sources donnent une fourchette, le minimum est dessiné.',
  nothingToShow: "Il n'y a rien à montrer pour ce filtre.",
  stages: { planned: 'en projet', building: 'en chantier', active: 'en activité', stopped: 'arrêtés', ended: 'terminés' },
  sectors: {
    battery_cells: 'Cellules de batterie', battery_packs: 'Packs de batteries', battery_materials: 'Matériaux de batterie', battery_recycling: 'Recyclage de batteries',
    power_generation: "Production d'électricité", other: 'Autre',
  },
  roles: { operator: 'exploitant', owner: 'propriétaire', developer: 'porteur', contractor: 'entrepreneur', customer: 'client', lender: 'prêteur', authority: 'autorité' },
  precisions: { site: 'site', street: 'rue', locality: 'localité', municipality: 'commune', region: 'région', country: 'pays' },
  properties: { capacity: 'Capacité', jobs: 'Emplois', investment: 'Investissement', funding: 'Financement', area: 'Surface' },
  qualifiers: { announced: 'annoncé', permitted: 'autorisé', under_construction: 'en construction', installed: 'installé', target: 'objectif' },
  causes: {
    created: 'Créé', revised: 'Modifié', superseded: 'Remplacé', retracted: 'Retiré', merged: 'Fusionné', unmerged: 'Séparé', deleted: 'Supprimé',
    imported: 'Importé', redacted: 'Expurgé',
  },
  sourceKinds: {
    press: 'presse', company: 'entreprise', agency: 'agence de presse', official: 'publication officielle', permit: 'autorisation', register: 'registre', satellite: 'satellite',
    dataset: 'jeu de données', compilation: 'compilation', other: 'autre',
  },
  kinds: {
    status_event: 'Statut', figure: 'Chiffre', role: 'Rôle', ownership: 'Actionnaire', location: 'Lieu', depiction: 'Image', membership: 'Membre', merge: 'Fusion',
    factory: 'Site', phase: 'Unité', media: 'Média', source: 'Source', operator: 'Entreprise', region: 'Région', evidence: 'Preuve', identifier: 'Identifiant',
  },
};

export type Words = typeof en;

export const languages: Record<Lang, { name: string; words: Words }> = { en: { name: 'English', words: en }, fr: { name: 'Français', words: fr } };

export const locales: Record<Lang, string> = { en: 'en-GB', fr: 'fr-FR' };

/** What is made once for each key: a format of a language takes longer to make than to use. */
export function once<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return key => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key)!;
  };
}

const numbers = once((lang: Lang) => new Intl.NumberFormat(locales[lang], { maximumFractionDigits: 2 }));
export const alphabet = once((lang: Lang) => new Intl.Collator(lang));
const countries = once((lang: Lang) => new Intl.DisplayNames([lang], { type: 'region' }));

export const number = (lang: Lang, value: number) => numbers(lang).format(value);

// What is no code is refused with an error.
export const countryName = (lang: Lang, code: string) => (/^[a-z]{2}$/i.test(code) ? countries(lang).of(code) ?? code : code);

/** A unit as it is read; those of money are the same everywhere. */
export function unitName(lang: Lang, unit: string): string {
  const read = unit.replace(/\b([km])2\b/g, '$1²').replace('m3', 'm³');
  return lang === 'fr' ? read.replace(/\/year$/, '/an').replace(/^units\b/, 'unités') : read;
}

/** A code that has no words yet, as words. */
export const spelled = (code: string) => code.replaceAll('_', ' ');

const language = 'chantier.lang';

// A browser that keeps nothing throws at the question already.
function kept(): string | null {
  try {
    return localStorage.getItem(language);
  } catch {
    return null;
  }
}

/** The language of a first visit: the one that was chosen before, else the browser's. */
export function preferredLanguage(): Lang {
  const wanted = kept() ?? navigator.languages.find(language => /^(fr|en)\b/.test(language)) ?? 'en';
  return wanted.startsWith('fr') ? 'fr' : 'en';
}

export function preferLanguage(lang: Lang): void {
  try {
    localStorage.setItem(language, lang);
  } catch {
    // The address has it for now.
  }
}

export const Language = createContext<Lang>('en');

export function useWords(): { lang: Lang; t: Words } {
  const lang = useContext(Language);
  return { lang, t: languages[lang].words };
}

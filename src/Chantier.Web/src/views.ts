/** What the service answers, as far as the page reads it. All of it is described at /docs. */

export interface Ref { slug: string; name: string }

export interface Term { code: string; kind: 'status' | 'milestone'; stage: string | null; labels: { fr: string; en: string } }

export interface Quantity { value: number | null; min: number | null; max: number | null; word: string | null; unit: string | null }

/** The capacity of a site for one product and one physical quantity. */
export interface Capacity extends Quantity { product: string | null; qualifier: string | null }

export interface Place { lon: number; lat: number; precision: string; uncertaintyMetres: number | null }

export interface Factory {
  slug: string;
  name: string;
  country: string;
  region: Ref | null;
  locality: string | null;
  location: Place | null;
  operators: (Ref & { role: string })[];
  status: string | null;
  statusSince: string | null;
  statusDateMeaning: 'began' | 'observed' | null;
  statusBasis: string | null;
  lastConfirmedOn: string | null;
  /** The first product of the site comes first. */
  capacity: Capacity[];
  capacityBasis: 'phases' | 'site' | null;
  capacityIsPartial: boolean;
  phaseCount: number;
  sourceCount: number;
}

export interface FactoryDetail extends Factory {
  names: { text: string; lang: string | null; kind: string }[];
  description: { fr: string | null; en: string | null } | null;
  website: string | null;
  evidence: { field: string; claim: { operator?: string; role?: string; date?: string | null; evidence: Evidence[] } }[];
  expectedNext: { status: string; date: string; statusEventId: number }[];
}

export interface Locator { kind: string; start: number; end: number | null }

export interface Evidence { source: Ref; url: string | null; published: string | null; locator: Locator | null; note: string | null }

export interface StatusEvent {
  id: number;
  phaseId: number;
  phaseName: string | null;
  status: string | null;
  milestone: string | null;
  date: string | null;
  dateMeaning: 'began' | 'observed';
  basis: 'actual' | 'expected' | 'inferred';
  confidence: string | null;
  note: string | null;
  recordedAt: string;
  rule?: string;
  weighedAgainst?: number | null;
  /** Whether news put something else in its place, so that it stands no longer. */
  isReplaced?: boolean;
  evidence?: Evidence[];
}

/** A claim that stands no longer, and why. */
export interface EndedEvent extends Omit<StatusEvent, 'phaseName' | 'note' | 'evidence' | 'rule' | 'weighedAgainst'> { claimNote: string | null; sources: string[]; endReason: 'error' | 'news' | null }

export interface Figure extends Quantity {
  id: number;
  phaseId: number | null;
  phaseName: string | null;
  property: string;
  qualifier: string | null;
  product: string | null;
  scope: 'whole' | 'part' | 'group';
  /** The date for which the value holds or is planned. */
  forDate: string | null;
  note: string | null;
  inForce: boolean;
  rule: string;
  weighedAgainst: number | null;
  evidence?: Evidence[];
}

export interface Medium {
  id: number;
  url: string;
  kind: string;
  title: string | null;
  caption: { fr: string | null; en: string | null } | null;
  altText: string | null;
  credit: string | null;
  licence: string;
  sources: string[];
}

export interface Holding { id: number; shareholder: Ref; share: number | null; min: number | null; max: number | null; valid: string | null; note: string | null; sources: string[] }

export interface Ownership { operator: Ref; direct: Holding[]; unknown: { min: number; max: number } }

export interface Change { seq: number; at: string; actor: string; cause: string; resourceType: string; resourceId: number }

/** The same with what it changed: of what was there before and after, the fields that differ. */
export interface Entry extends Change { before: Record<string, unknown> | null; after: Record<string, unknown> | null }

export interface Source {
  slug: string;
  kind: string;
  title: string | null;
  publisher: string | null;
  url: string | null;
  archiveUrl: string | null;
  published: string | null;
  licence: string | null;
  retracted: string | null;
}

export interface Stat {
  on?: string;
  region: Ref | null;
  status: string | null;
  country: string | null;
  sector: string | null;
  /** Null where the answer has one product only. */
  product: string | null;
  /** The reference unit of the quantity. */
  unit: string | null;
  value: number | null;
  min: number | null;
  max: number | null;
  /** The part of the sum that is reported as installed. */
  installed: number | null;
  factories: number;
  withFigure: number | null;
  withoutFigure: number | null;
}

export interface Slip {
  factory: Ref;
  phaseId: number;
  status: string | null;
  firstExpected: string | null;
  latestExpected: string | null;
  actual: string | null;
  slipMonths: number | null;
  isOverdue: boolean;
  postponements: number;
}

export interface SlipGroup { factories: number; started: number; late: number; overdue: number; medianMonths: number | null }

export interface Found { type: 'factory' | 'operator' | 'region'; slug: string; name: string }

/** What a claim says, whatever its kind. */
export interface Told extends Quantity {
  kind: string;
  status: string | null;
  milestone: string | null;
  date: string | null;
  dateMeaning: string | null;
  forDate: string | null;
  scope: string | null;
  property: string | null;
  operator: string | null;
  role: string | null;
  shareholder: string | null;
  share: number | null;
  lon: number | null;
  lat: number | null;
  cluster: string | null;
  basis: string;
  claimNote: string | null;
}

/** What rests on a source: a row for each place in it that a claim rests on. */
export interface Claim extends Told {
  id: number;
  factory: Ref | null;
  locator: Locator | null;
  note: string | null;
}

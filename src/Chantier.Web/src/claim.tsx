import { tell } from './edtf';
import { useNames } from './names';
import { quantity } from './parts';
import { useTerms } from './terms';
import type { Told } from './views';
import { number, spelled, useWords, type Lang, type Words } from './words';

interface Names { operator: (slug: string) => string; region: (slug: string) => string }

/** The names of what claims speak of; the log leaves out what a kind of claim has not. */
export const useNamesIn = (claims: Told[]): Names => ({
  operator: useNames('operators', claims.flatMap(({ operator, shareholder }) => [operator, shareholder])),
  region: useNames('regions', claims.map(({ cluster }) => cluster)),
});

const degrees = (lang: Lang, t: Words, lat: number, lon: number) =>
  `${number(lang, Math.abs(lat))}° ${lat < 0 ? t.south : t.north}, ${number(lang, Math.abs(lon))}° ${lon < 0 ? t.west : t.east}`;

/** What a claim says, in words. */
export function What({ claim, names }: { claim: Told; names: Names }) {
  const { lang, t } = useWords();
  const { label } = useTerms();
  const kind = t.kinds[claim.kind] ?? spelled(claim.kind);
  const what = claim.kind === 'status_event' ? label(claim.status ?? claim.milestone ?? '')
    : claim.kind === 'figure' ? t.is(t.properties[claim.property!] ?? spelled(claim.property!), quantity(lang, t, claim))
    : claim.kind === 'role' && claim.operator ? t.is(names.operator(claim.operator), t.roles[claim.role!] ?? spelled(claim.role!))
    : claim.kind === 'ownership' && claim.shareholder ? t.is(kind, names.operator(claim.shareholder) + (claim.share === null ? '' : `, ${number(lang, claim.share)} %`))
    : claim.kind === 'membership' && claim.cluster ? t.memberOf(names.region(claim.cluster))
    : claim.kind === 'location' && claim.lat !== null && claim.lon !== null ? t.is(kind, degrees(lang, t, claim.lat, claim.lon))
    : kind;
  const basis = claim.basis === 'expected' ? t.expected : claim.basis === 'inferred' ? t.inferred : claim.dateMeaning === 'observed' ? t.observed : null;
  const scope = claim.scope && t.scopes[claim.scope];
  return <>{what}{claim.date && `, ${tell(claim.date, lang)}`}{claim.forDate && `, ${t.forDate(tell(claim.forDate, lang))}`}{scope && `, ${scope}`}{basis && <span class="quiet"> {basis}</span>}{claim.claimNote && <span class="quiet"> — {claim.claimNote}</span>}</>;
}

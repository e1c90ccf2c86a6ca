import { locales, once, type Lang } from './words';

/** A span of days as numbers of milliseconds, both ends included; an open end is infinite. */
export type Span = [first: number, last: number];

const pattern = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?%]?)$/;
const seasons: Record<Lang, string[]> = { en: ['spring', 'summer', 'autumn', 'winter'], fr: ['printemps', 'été', 'automne', 'hiver'] };
const about: Record<Lang, Record<string, string>> = {
  en: { '~': 'about ', '?': 'perhaps ', '%': 'perhaps about ' },
  fr: { '~': 'environ ', '?': 'peut-être ', '%': 'peut-être environ ' },
};

const dates = once((key: `${Lang} ${'short' | 'long'} ${'day' | 'month'}`) => {
  const [lang, month, precision] = key.split(' ') as [Lang, 'short' | 'long', 'day' | 'month'];
  return new Intl.DateTimeFormat(locales[lang], { timeZone: 'UTC', year: 'numeric', month, ...(precision === 'day' && { day: 'numeric' }) });
});

// Months 21 to 24 are seasons, 33 to 36 quarters: the first month and how many there are.
function months(part: number): [first: number, count: number] {
  if (part >= 33) return [(part - 33) * 3, 3];
  if (part >= 21) return [part === 24 ? 11 : (part - 20) * 3 - 1, 3];
  return [part - 1, 1];
}

function spanOf(date: string): Span {
  const [, year, part, day] = pattern.exec(date) ?? [];
  if (!year) return [NaN, NaN];
  if (day) {
    const at = Date.UTC(+year, +part! - 1, +day);
    return [at, at];
  }
  const [first, count] = part ? months(+part) : [0, 12];
  return [Date.UTC(+year, first, 1), Date.UTC(+year, first + count, 0)];
}

/** The earliest and the latest day that a date of ISO 8601-2 (EDTF) can mean. */
export function daysOf(edtf: string): Span {
  const [start, end] = edtf.split('/') as [string, string?];
  if (end === undefined) return spanOf(start);
  return [start && start !== '..' ? spanOf(start)[0] : -Infinity, end && end !== '..' ? spanOf(end)[1] : Infinity];
}

function tellOne(date: string, lang: Lang, isShort = false): string {
  const [, year, part, day, doubt] = pattern.exec(date) ?? [];
  if (!year) return date;
  const head = doubt ? about[lang][doubt] : '';
  if (!part) return head + year;
  if (+part >= 33) return `${head}${lang === 'fr' ? 'T' : 'Q'}${+part - 32} ${year}`;
  if (+part >= 21) return `${head}${seasons[lang][+part - 21]} ${year}`;
  const at = new Date(Date.UTC(+year, +part - 1, day ? +day : 1));
  return head + dates(`${lang} ${isShort ? 'short' : 'long'} ${day ? 'day' : 'month'}`).format(at);
}

/** A date in words, no more precise than it was said. */
export function tell(edtf: string | null | undefined, lang: Lang, isShort = false): string {
  if (!edtf) return lang === 'fr' ? 'sans date' : 'undated';
  const [start, end] = edtf.split('/') as [string, string?];
  if (end === undefined) return tellOne(start, lang, isShort);
  if (end === '..' || !end) return `${lang === 'fr' ? 'depuis' : 'since'} ${tellOne(start, lang)}`;
  if (start === '..' || !start) return `${lang === 'fr' ? "jusqu'à" : 'until'} ${tellOne(end, lang)}`;
  return `${tellOne(start, lang, isShort)} – ${tellOne(end, lang, isShort)}`;
}

/** A moment of the service as a day. */
export function tellMoment(moment: string, lang: Lang): string {
  return tellOne(moment.slice(0, 10), lang);
}

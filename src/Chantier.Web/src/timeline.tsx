import type { ComponentChildren } from 'preact';
import { coursesOf, type Entry, type Sense, type Stretch } from './course';
import { tell, type Span } from './edtf';
import { useChosen, useWidth, widthOf } from './marks';
import { Sources } from './parts';
import { shades, unclaimed, useTerms } from './terms';
import type { StatusEvent } from './views';
import { useWords } from './words';

const year = 365.25 * 24 * 3600 * 1000;

const lane = 20;

// Below this, dates are told in short and each on a line of its own.
const narrow = 560;

/**
 * How a site came to be as it is: its status as stretches of time; below, for each step that was expected, one line for each date that was
 * told, in the order of telling, so that what was put off walks to the right.
 */
export function Timeline({ events, today, params }: { events: StatusEvent[]; today: number; params: URLSearchParams }) {
  const { lang, t } = useWords();
  const { label } = useTerms();
  const { box, width } = useWidth();
  const courses = coursesOf(events, today);
  const entries = courses.flatMap(course => [...course.stretches, ...course.expectations.flatMap(expectation => expectation.told), ...course.milestones]);
  const { chosen, isHeld, detail, letGo, handlers } = useChosen(entries);

  const days = entries.flatMap(entry => entry.days).filter(Number.isFinite);
  const first = Math.min(...days, today) - year / 6;
  const last = Math.max(...days, today) + year / 6;
  const x = (day: number) => (Math.min(last, Math.max(first, day)) - first) / (last - first) * width;
  const isNarrow = width < narrow;

  const nameOf = ({ event }: Entry) => label(event.status ?? event.milestone ?? '');
  const senseOf = ({ event, sense }: Entry) => sense === 'actual' && event.dateMeaning === 'observed' ? t.observed : t[sense];
  const asideOf = (entry: Entry) => 'aside' in entry ? (entry as Stretch).aside : null;
  const wordsOf = ({ event, said }: Entry, short = false) => [tell(event.date, lang, short), event.basis === 'expected' ? said && t.said(tell(said, lang, short)) : null].filter(Boolean).join(' · ');
  // In the words that are seen, for who speaks them to choose it.
  const titleOf = (entry: Entry) => t.is(`${nameOf(entry)} (${senseOf(entry)})`, wordsOf(entry, isNarrow));
  // What happened stands twice, once as a stretch and once below what was expected.
  const mark = (entry: Entry, children: ComponentChildren, part = 'own') => (
    <g key={part + entry.event.id} class={`mark ${entry.sense}${chosen?.event.id === entry.event.id ? ' chosen' : ''}`} role="button" tabIndex={0} aria-label={titleOf(entry)} {...handlers(entry)}>
      {children}
    </g>
  );
  const wide = ([from, to]: Span, least: number): [left: number, wide: number] => {
    const [left, right] = [x(from), x(to)];
    return right - left >= least ? [left, right - left] : [Math.min(width - least, Math.max(0, (left + right - least) / 2)), least];
  };
  // Beside its date where there is room, before or behind; else below it.
  const place = (left: number, long: number, words: string): { at: number; isBelow: boolean } => {
    const size = widthOf(words, '11.5px');
    if (!isNarrow && left + long + 6 + size <= width) return { at: left + long + 6, isBelow: false };
    if (!isNarrow && left - 6 - size >= 0) return { at: left - 6 - size, isBelow: false };
    return { at: Math.max(0, Math.min(left, width - size)), isBelow: true };
  };

  const rows: ComponentChildren[] = [];
  let y = 26;
  for (const course of courses) {
    if (courses.length > 1) {
      rows.push(<text key={`phase${course.phaseId}`} class="phase" x={0} y={y + 10}>{course.phaseName ?? t.thePlant}</text>);
      y += 18;
    }
    let free = 0;
    for (const stretch of course.stretches) {
      // What holds for no time stands below the day that it is of.
      if (stretch.aside) {
        const at = Math.min(width - 12, Math.max(x(stretch.from) + 4, free));
        free = at + 14;
        rows.push(mark(stretch, <rect class="tab" x={at} y={y + 28} width={12} height={6} fill={shades[stretch.event.status!] ?? unclaimed} fill-opacity={stretch.sense === 'inferred' ? 0.55 : 1} />));
        continue;
      }
      const [left, right] = [x(stretch.days[0]), Math.max(x(stretch.until), x(stretch.days[0]) + 3)];
      const name = nameOf(stretch);
      rows.push(mark(stretch, (
        <>
          <rect x={left} y={y} width={right - left} height={26} fill={shades[stretch.event.status!] ?? unclaimed} fill-opacity={stretch.sense === 'inferred' ? 0.55 : 1} />
          {stretch.event.dateMeaning === 'observed'
            ? <circle cx={left + 7} cy={y + 13} r={3.5} fill="none" stroke="#fff" stroke-width={1.5} />
            : <rect x={left} y={y - 3} width={2.5} height={32} fill="#1c2b33" />}
          {right - left > widthOf(name, '600 12px') + 20 && <text class="on-band" x={left + 14} y={y + 17}>{name}</text>}
        </>
      )));
    }
    y += course.stretches.length > 0 ? 40 : 0;
    for (const { status, told, happened } of course.expectations) {
      const colour = shades[status] ?? unclaimed;
      rows.push(<text key={`expected${course.phaseId}${status}`} class="row" x={0} y={y + 10}>{t.is(label(status), t.expected)}</text>);
      y += 18;
      for (const entry of happened ? [...told, happened] : told) {
        const [left, long] = wide(entry.days, 8);
        const words = wordsOf(entry, isNarrow);
        const { at, isBelow } = place(left, long, words);
        const line = isBelow ? y + 14 : y;
        rows.push(mark(entry, (
          <>
            <rect class="reach" x={left - 4} y={y - 2} width={long + 8} height={lane} fill="transparent" />
            <rect class="date" x={left} y={y + 3} width={long} height={10} rx={5} stroke={colour} fill={entry === happened ? colour : '#fff'} />
            <rect class="under" x={at - 2} y={line + 1} width={widthOf(words, '11.5px') + 4} height={15} />
            <text class="told" x={at} y={line + 12}>{words}</text>
          </>
        ), 'told'));
        y += isBelow ? lane + 15 : lane;
      }
      y += 10;
    }
    if (course.milestones.length > 0) {
      rows.push(<text key={`milestones${course.phaseId}`} class="row" x={0} y={y + 10}>{t.milestones}</text>);
      y += 18;
      // Those that fall together stand below each other.
      const taken: number[] = [];
      for (const entry of course.milestones) {
        const at = Math.min(width - 8, Math.max(8, x((Math.max(entry.days[0], first) + Math.min(entry.days[1], last)) / 2)));
        const free = taken.findIndex(right => right <= at - 8);
        const level = free < 0 ? taken.length : free;
        taken[level] = at + 8;
        const top = y + level * lane;
        rows.push(mark(entry, (
          <>
            <rect class="reach" x={at - 9} y={top - 2} width={18} height={20} fill="transparent" />
            <path class="date" d={`M${at},${top + 1}l6,7l-6,7l-6,-7z`} fill={entry.sense === 'milestone' ? '#50606a' : '#fff'} stroke="#50606a" />
          </>
        )));
      }
      rows.unshift(<line key={`line${course.phaseId}`} x1={0} x2={width} y1={y + 8} y2={y + 8} stroke="#d5dade" />);
      y += 10 + taken.length * lane;
    }
  }

  const span = new Date(last).getUTCFullYear() - new Date(first).getUTCFullYear() + 1;
  const step = Math.max(1, Math.ceil(span * 44 / Math.max(width, 1)));
  const years = Array.from({ length: span }, (_, i) => new Date(first).getUTCFullYear() + i).filter(one => one % step === 0 && Date.UTC(one, 0, 1) >= first);
  const statuses = [...new Set(courses.flatMap(course => course.stretches.map(stretch => stretch.event.status!)))];
  const aside = chosen && asideOf(chosen);
  const has = (...senses: Sense[]) => entries.some(entry => senses.includes(entry.sense));
  return (
    <div class="timeline">
      <p class="quiet">{matchMedia('(hover: none)').matches ? t.timelineHintTouch : t.timelineHint}</p>
      <div ref={box}>
        {width > 0 && (
          <svg width={width} height={y} role="group" aria-label={t.timeline}>
            {years.map(one => {
              const at = x(Date.UTC(one, 0, 1));
              return <g key={one} class="year"><line x1={at} x2={at} y1={16} y2={y} /><text x={at} y={11} text-anchor={at < 16 ? 'start' : at > width - 16 ? 'end' : 'middle'}>{one}</text></g>;
            })}
            <line class="now" x1={x(today)} x2={x(today)} y1={16} y2={y} />
            {rows}
          </svg>
        )}
      </div>
      <ul class="legend" aria-hidden="true">
        {statuses.map(status => <li key={status}><i class="band" style={{ background: shades[status] ?? unclaimed }} />{label(status)}</li>)}
        {entries.some(entry => entry.sense === 'actual' && entry.event.dateMeaning === 'observed') && <li><i class="ring" />{t.observed}</li>}
        {has('expected') && <li><i class="open" />{t.expected}</li>}
        {has('slipped') && <li><i class="open slipped" />{t.slipped}</li>}
        {has('replaced') && <li><i class="open replaced" />{t.replaced}</li>}
        {has('overdue') && <li><i class="open overdue" />{t.overdue}</li>}
        {has('dropped') && <li><i class="open dropped" />{t.dropped}</li>}
        {has('milestone') && <li><i class="diamond" />{t.milestone}</li>}
        <li><i class="now" />{tell(new Date(today).toISOString().slice(0, 10), lang)}</li>
      </ul>
      <div class="detail" ref={detail} tabIndex={-1} aria-live="polite" onKeyDown={event => event.key === 'Escape' && letGo()}>
        {chosen && (
          <>
            <h3>{nameOf(chosen)} <small>{chosen.event.milestone && chosen.sense !== 'milestone' ? `${t.milestone}, ` : ''}{senseOf(chosen)}</small></h3>
            <p>{tell(chosen.event.date, lang)}{aside && <>, <span class="quiet">{t[aside]}</span></>}{chosen.event.note && <> — <span class="quiet">{chosen.event.note}</span></>}</p>
            <Sources evidence={chosen.event.evidence ?? []} params={params} />
            {isHeld && <button type="button" class="plain" onClick={letGo}>{t.letGo}</button>}
          </>
        )}
      </div>
    </div>
  );
}

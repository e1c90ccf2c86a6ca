import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { coursesOf, type Entry } from './course';
import { tell, type Span } from './edtf';
import { Sources } from './parts';
import { colours, unclaimed, useTerms } from './terms';
import type { StatusEvent } from './views';
import { useWords } from './words';

const year = 365.25 * 24 * 3600 * 1000;

function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  return { box, width };
}

const lane = 20;

/**
 * How a site came to be as it is: its status as stretches of time; below, for each step that was expected, one line for each date that was
 * told, in the order of telling, so that what was put off walks to the right.
 */
export function Timeline({ events, today, params }: { events: StatusEvent[]; today: number; params: URLSearchParams }) {
  const { lang, t } = useWords();
  const { label, stageOf } = useTerms();
  const { box, width } = useWidth();
  const [chosen, setChosen] = useState<Entry | null>(null);
  const courses = coursesOf(events, today);

  const days = courses.flatMap(course => [...course.stretches, ...course.milestones, ...course.expectations.flatMap(expectation => expectation.told)])
    .flatMap(entry => entry.days).filter(Number.isFinite);
  const first = Math.min(...days, today) - year / 6;
  const last = Math.max(...days, today) + year / 6;
  const x = (day: number) => (Math.min(last, Math.max(first, day)) - first) / (last - first) * width;

  const nameOf = ({ event }: Entry) => label(event.status ?? event.milestone ?? '');
  const senseOf = ({ event, sense }: Entry) => sense === 'actual' ? event.dateMeaning === 'observed' ? t.observed : t.actual : t[sense];
  const wordsOf = ({ event, said }: Entry) => [tell(event.date, lang), event.basis === 'expected' ? said && t.said(tell(said, lang)) : null].filter(Boolean).join(' · ');
  const titleOf = (entry: Entry) => `${nameOf(entry)} (${senseOf(entry)}): ${wordsOf(entry)}`;
  const mark = (entry: Entry, children: ComponentChildren) => (
    <g key={entry.event.id} class={`mark ${entry.sense}${chosen?.event.id === entry.event.id ? ' chosen' : ''}`} role="button" tabIndex={0} aria-label={titleOf(entry)}
      onMouseEnter={() => setChosen(entry)} onFocus={() => setChosen(entry)} onClick={() => setChosen(entry)}>
      {children}
    </g>
  );
  const wide = ([from, to]: Span, least: number): [left: number, wide: number] => {
    const [left, right] = [x(from), x(to)];
    return right - left >= least ? [left, right - left] : [Math.min(width - least, Math.max(0, (left + right - least) / 2)), least];
  };

  const rows: ComponentChildren[] = [];
  let y = 26;
  for (const course of courses) {
    if (courses.length > 1) {
      rows.push(<text key={`phase${course.phaseId}`} class="phase" x={0} y={y + 10}>{course.phaseName ?? t.thePlant}</text>);
      y += 18;
    }
    for (const stretch of course.stretches) {
      const colour = colours[stageOf(stretch.event.status) ?? ''] ?? unclaimed;
      const [left, right] = [x(stretch.days[0]), Math.max(x(stretch.until), x(stretch.days[0]) + 3)];
      const name = nameOf(stretch);
      rows.push(mark(stretch, (
        <>
          <rect x={left} y={y} width={right - left} height={26} fill={colour} fill-opacity={stretch.sense === 'inferred' ? 0.55 : 1} />
          {stretch.event.dateMeaning === 'observed'
            ? <circle cx={left + 7} cy={y + 13} r={3.5} fill="none" stroke="#fff" stroke-width={1.5} />
            : <rect x={left} y={y - 3} width={2.5} height={32} fill="#1c2b33" />}
          {right - left > name.length * 6.6 + 18 && <text class="on-band" x={left + 14} y={y + 17}>{name}</text>}
        </>
      )));
    }
    y += course.stretches.length > 0 ? 40 : 0;
    for (const { status, told, happened } of course.expectations) {
      const colour = colours[stageOf(status) ?? ''] ?? unclaimed;
      rows.push(<text key={`expected${course.phaseId}${status}`} class="row" x={0} y={y + 10}>{label(status)}: {t.expected}</text>);
      y += 18;
      for (const entry of happened ? [...told, happened] : told) {
        const [left, long] = wide(entry.days, 8);
        const words = wordsOf(entry);
        const isLeft = left + long + words.length * 6.2 > width;
        rows.push(mark(entry, (
          <>
            <rect class="reach" x={left - 4} y={y - 2} width={long + 8} height={lane} fill="transparent" />
            <rect class="date" x={left} y={y + 3} width={long} height={10} rx={5} stroke={colour} fill={entry === happened ? colour : '#fff'} />
            <text class="told" x={isLeft ? left - 6 : left + long + 6} y={y + 12} text-anchor={isLeft ? 'end' : 'start'}>{words}</text>
          </>
        )));
        y += lane;
      }
      y += 10;
    }
    if (course.milestones.length > 0) {
      rows.push(<text key={`milestones${course.phaseId}`} class="row" x={0} y={y + 10}>{t.milestones}</text>);
      y += 18;
      rows.push(<line key={`line${course.phaseId}`} x1={0} x2={width} y1={y + 8} y2={y + 8} stroke="#d5dade" />);
      for (const entry of course.milestones) {
        const at = x((Math.max(entry.days[0], first) + Math.min(entry.days[1], last)) / 2);
        rows.push(mark(entry, (
          <>
            <rect class="reach" x={at - 9} y={y - 2} width={18} height={20} fill="transparent" />
            <path d={`M${at},${y + 1}l6,7l-6,7l-6,-7z`} fill={entry.event.basis === 'expected' ? '#fff' : '#50606a'} stroke="#50606a" stroke-width={1.5} />
          </>
        )));
      }
      y += 30;
    }
  }

  const span = new Date(last).getUTCFullYear() - new Date(first).getUTCFullYear() + 1;
  const step = Math.max(1, Math.ceil(span * 44 / Math.max(width, 1)));
  const years = Array.from({ length: span }, (_, i) => new Date(first).getUTCFullYear() + i).filter(one => one % step === 0 && Date.UTC(one, 0, 1) >= first);
  return (
    <div class="timeline">
      <p class="quiet">{t.timelineHint}</p>
      <div ref={box}>
        {width > 0 && (
          <svg width={width} height={y} role="group" aria-label={t.timeline}>
            {years.map(one => {
              const at = x(Date.UTC(one, 0, 1));
              return <g key={one} class="year"><line x1={at} x2={at} y1={16} y2={y} /><text x={at} y={11} text-anchor="middle">{one}</text></g>;
            })}
            <line class="now" x1={x(today)} x2={x(today)} y1={16} y2={y} />
            {rows}
          </svg>
        )}
      </div>
      <ul class="legend" aria-hidden="true">
        <li><i class="band" />{t.actual}</li><li><i class="ring" />{t.observed}</li><li><i class="open" />{t.expected}</li><li><i class="open slipped" />{t.slipped}</li><li><i class="diamond" />{t.milestone}</li>
      </ul>
      <div class="detail" aria-live="polite">
        {chosen && (
          <>
            <h3>{nameOf(chosen)} <small>{senseOf(chosen)}</small></h3>
            <p>{tell(chosen.event.date, lang)}{chosen.event.note && <> — <span class="quiet">{chosen.event.note}</span></>}</p>
            <Sources evidence={chosen.event.evidence ?? []} params={params} />
          </>
        )}
      </div>
    </div>
  );
}

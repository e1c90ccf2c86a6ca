import { useEffect, useRef, useState } from 'preact/hooks';
import { Link, hrefOf } from './address';
import { type Answer, type Page } from './api';
import { isCalledOff } from './course';
import { Data } from './data';
import { daysOf, tell } from './edtf';
import { isHindsight } from './filter';
import { Show } from './parts';
import { useTerms } from './terms';
import type { Slip, SlipGroup } from './views';
import { useWords } from './words';

const year = 365.25 * 24 * 3600 * 1000;

const some = 25;

const middle = (date: string) => daysOf(date).reduce((sum, day) => sum + day, 0) / 2;

// What came of a start that was announced.
type End = 'started' | 'off' | 'overdue' | 'expected';

const endOf = ({ actual, status, isOverdue }: Slip): End => actual ? 'started' : isCalledOff(status) ? 'off' : isOverdue ? 'overdue' : 'expected';

/** Each site as a line from the start that was announced first to the one that is expected now, or that was: the latest first, those that came early last. */
export function Slips({ answer, group, params, csv }: { answer: Answer<Page<Slip>>; group: SlipGroup | undefined; params: URLSearchParams; csv: string }) {
  const { lang, t } = useWords();
  const { label } = useTerms();
  const [isAll, setAll] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  // Who asked for the rest goes on with the first of it.
  useEffect(() => {
    if (isAll) list.current?.querySelectorAll('a')[some]?.focus();
  }, [isAll]);
  const words: Record<End, string> = { expected: t.latestExpected, overdue: t.isOverdue, started: t.started, off: t.offLegend };
  return (
    <Show answer={answer}>
      {({ items, page }) => {
        const moved = items.flatMap(slip => slip.slipMonths && slip.firstExpected && (slip.actual ?? slip.latestExpected)
          ? [{ slip, end: endOf(slip), months: slip.slipMonths, last: (slip.actual ?? slip.latestExpected)!, from: middle(slip.firstExpected), to: middle((slip.actual ?? slip.latestExpected)!) }] : []);
        const data = (
          <Data csv={csv} columns={[t.site, t.status, t.firstExpected, t.latestExpected, t.started, t.slipInMonths]}
            rows={items.map(slip => [slip.factory.name, slip.status ? label(slip.status) : '', ...[slip.firstExpected, slip.latestExpected, slip.actual].map(date => date ? tell(date, lang) : ''), slip.slipMonths ?? ''])} />
        );
        if (moved.length === 0) return <><p class="empty">{t.nothingMoved}</p>{items.length > 0 && data}</>;
        const shown = isAll ? moved : moved.slice(0, some);
        const first = Math.min(...moved.flatMap(({ from, to }) => [from, to])) - year / 4;
        const long = Math.max(...moved.flatMap(({ from, to }) => [from, to])) + year / 4 - first;
        const at = (day: number) => `${(day - first) / long * 100}%`;
        const [start, stop] = [new Date(first).getUTCFullYear() + 1, new Date(first + long).getUTCFullYear()];
        const every = Math.ceil((stop - start + 1) / 8);
        const years = Array.from({ length: stop - start + 1 }, (_, i) => start + i).filter(one => one % every === 0);
        const lines = years.map(one => <i key={one} class="year" style={{ left: at(Date.UTC(one, 0, 1)) }} />);
        return (
          <>
            <p class="quiet">{t.slippageHint} {group && t.slipCounts(group.factories, group.started, group.late, group.overdue)}{isHindsight(params) && ` ${t.hindsight}`}</p>
            <ul class="legend dots" aria-hidden="true">
              <li><i class="dot from" />{t.firstExpected}</li>
              {(Object.keys(words) as End[]).filter(end => moved.some(one => one.end === end)).map(end => <li key={end}><i class={`dot ${end}`} />{words[end]}</li>)}
            </ul>
            <ol ref={list} class="slips">
              <li class="axis" aria-hidden="true"><span /><span class="track">{years.map(one => <span key={one} style={{ left: at(Date.UTC(one, 0, 1)) }}>{one}</span>)}</span></li>
              {shown.map(({ slip, end, months, last, from, to }) => (
                <li key={slip.factory.slug + slip.phaseId}>
                  <Link href={hrefOf(`/factories/${slip.factory.slug}`, params)}>{slip.factory.name}</Link>
                  <span class="track" aria-hidden="true">
                    {lines}<i class={`way ${end}`} style={{ left: at(Math.min(from, to)), width: `${Math.abs(to - from) / long * 100}%` }} /><i class="dot from" style={{ left: at(from) }} /><i class={`dot ${end}`} style={{ left: at(to) }} />
                  </span>
                  <span>{tell(slip.firstExpected, lang, true)} → {tell(last, lang, true)}{end === 'off' ? `, ${label(slip.status!).toLowerCase()}` : end === 'overdue' && <>, <span class="late">{t.isOverdue}</span></>}</span>
                  <b>{months > 0 ? t.months(months) : t.earlier(t.months(-months))}</b>
                </li>
              ))}
            </ol>
            {shown.length < moved.length && <button type="button" class="more" onClick={() => setAll(true)}>{page.next ? t.showThese(moved.length) : t.showAll(moved.length)}</button>}
            {page.next && <p class="quiet">{t.onlyMostSlipped(items.length)}</p>}
            {data}
          </>
        );
      }}
    </Show>
  );
}

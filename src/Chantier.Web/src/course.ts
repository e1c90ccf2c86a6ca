import { daysOf, type Span } from './edtf';
import type { StatusEvent } from './views';

/**
 * What an event is to the course of a site: it happened, it was concluded, it is expected, it was expected and put off,
 * it was expected for a day that has passed, it was expected of what has ended since, or it happened and moves no status.
 */
export type Sense = 'actual' | 'inferred' | 'expected' | 'slipped' | 'overdue' | 'dropped' | 'milestone';

export interface Entry {
  event: StatusEvent;
  sense: Sense;
  days: Span;
  /** When the first of its sources said so, as far as known. */
  said: string | null;
}

export interface Stretch extends Entry { until: number }

/** One expectation and how it moved: each date that was told, in the order of telling. */
export interface Expectation { status: string; told: Entry[]; happened: Entry | null }

/** Of the milestones some happened, and some are or were expected. */
export interface Course { phaseId: number; phaseName: string | null; stretches: Stretch[]; expectations: Expectation[]; milestones: Entry[] }

/** What a phase never comes back from; what was expected of it before is off. */
const ends = ['cancelled', 'never_commissioned', 'closed', 'dismantled'];

/** Whether a phase ended before it ever started. */
export const isCalledOff = (status: string | null) => status === 'cancelled' || status === 'never_commissioned';

export const isPast = (date: string, today: number) => daysOf(date)[1] < today;

function saidOf(event: StatusEvent): string | null {
  const dates = (event.evidence ?? []).flatMap(({ published }) => published ? [published] : []);
  return dates.sort((one, other) => daysOf(one)[1] - daysOf(other)[1])[0] ?? null;
}

const saidOn = (entry: Entry) => entry.said ? daysOf(entry.said)[1] : Infinity;

// What was said after something had happened tells of a time to come: another start, after a stop.
const isSaidAfter = (entry: Entry, other: Entry) => entry.said !== null && daysOf(entry.said)[0] > other.days[1];

const middle = ([first, last]: Span) => Number.isFinite(first) && Number.isFinite(last) ? (first + last) / 2 : Number.isFinite(first) ? first : last;

function entryOf(event: StatusEvent, sense: Sense): Entry[] {
  return event.date ? [{ event, sense, days: daysOf(event.date), said: saidOf(event) }] : [];
}

function expectationOf(status: string, events: StatusEvent[], happened: Entry | null, end: Entry | null, today: number): Expectation {
  const told = events.flatMap(event => entryOf(event, 'expected')).sort((one, other) => saidOn(one) - saidOn(other) || one.event.id - other.event.id);
  told.forEach((entry, i) => {
    const isPutOff = told.slice(i + 1).some(later => middle(later.days) > middle(entry.days));
    const done = happened && !isSaidAfter(entry, happened) ? happened : null;
    const by = done?.days[0] ?? end?.days[0] ?? today;
    if (isPutOff) entry.sense = 'slipped';
    else if (entry.days[1] < by) entry.sense = 'overdue';
    else if (!done && end && !isSaidAfter(entry, end)) entry.sense = 'dropped';
  });
  return { status, told, happened };
}

/** The courses of the phases of a site up to a day, each from its own events. */
export function coursesOf(events: StatusEvent[], today: number): Course[] {
  const phases = [...new Set(events.map(event => event.phaseId))].sort((one, other) => one - other);
  return phases.map(phaseId => {
    const own = events.filter(event => event.phaseId === phaseId);
    const real = own.filter(event => event.status && event.basis !== 'expected')
      .flatMap(event => entryOf(event, event.basis === 'inferred' ? 'inferred' : 'actual'))
      .filter(entry => entry.days[0] <= today)
      .sort((one, other) => one.days[0] - other.days[0]);
    const stretches = real.map((entry, i) => ({ ...entry, until: real[i + 1]?.days[0] ?? today }));
    const last = real.at(-1);
    const end = last && ends.includes(last.event.status!) ? last : null;
    const reached = own.filter(event => event.milestone && event.basis !== 'expected').flatMap(event => entryOf(event, 'milestone')).filter(entry => entry.days[0] <= today);
    const expected = (code: 'status' | 'milestone', happened: Entry[]) => [...Map.groupBy(own.filter(event => event[code] && event.basis === 'expected'), event => event[code]!)]
      .map(([name, events]) => expectationOf(name, events, happened.find(entry => entry.event[code] === name && entry.event.dateMeaning === 'began') ?? null, end, today));
    const expectations = expected('status', real);
    const milestones = [...reached, ...expected('milestone', reached).flatMap(expectation => expectation.told)].sort((one, other) => one.days[0] - other.days[0]);
    return { phaseId, phaseName: own[0]?.phaseName ?? null, stretches, expectations, milestones };
  });
}

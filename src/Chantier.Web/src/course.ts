import { daysOf, type Span } from './edtf';
import type { StatusEvent } from './views';

/**
 * What an event is to the course of a site: it happened, it was concluded, it is expected, it was expected and put off,
 * it was expected for a day that has passed, or it moves no status.
 */
export type Sense = 'actual' | 'inferred' | 'expected' | 'slipped' | 'overdue' | 'milestone';

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

export interface Course { phaseId: number; phaseName: string | null; stretches: Stretch[]; expectations: Expectation[]; milestones: Entry[] }

function saidOf(event: StatusEvent): string | null {
  const dates = (event.evidence ?? []).flatMap(({ published }) => published ? [published] : []);
  return dates.sort((one, other) => daysOf(one)[1] - daysOf(other)[1])[0] ?? null;
}

const saidOn = (entry: Entry) => entry.said ? daysOf(entry.said)[1] : Infinity;

const middle = ([first, last]: Span) => Number.isFinite(first) && Number.isFinite(last) ? (first + last) / 2 : Number.isFinite(first) ? first : last;

function entryOf(event: StatusEvent, sense: Sense): Entry[] {
  return event.date ? [{ event, sense, days: daysOf(event.date), said: saidOf(event) }] : [];
}

function expectationOf(status: string, events: StatusEvent[], happened: Entry | null, today: number): Expectation {
  const told = events.flatMap(event => entryOf(event, 'expected')).sort((one, other) => saidOn(one) - saidOn(other) || one.event.id - other.event.id);
  told.forEach((entry, i) => {
    const isPutOff = told.slice(i + 1).some(later => middle(later.days) > middle(entry.days));
    const end = happened ? happened.days[0] : today;
    if (isPutOff) entry.sense = 'slipped';
    else if (entry.days[1] < end) entry.sense = 'overdue';
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
    const expected = own.filter(event => event.status && event.basis === 'expected');
    const expectations = [...new Set(expected.map(event => event.status!))].map(status => expectationOf(
      status, expected.filter(event => event.status === status), real.find(entry => entry.event.status === status && entry.event.dateMeaning === 'began') ?? null, today));
    const milestones = own.filter(event => event.milestone).flatMap(event => entryOf(event, 'milestone')).sort((one, other) => one.days[0] - other.days[0]);
    return { phaseId, phaseName: own[0]?.phaseName ?? null, stretches, expectations, milestones };
  });
}

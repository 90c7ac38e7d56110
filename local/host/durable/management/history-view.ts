import { EventType, eventTypeName, type HistoryEvent } from '../history-event.ts';
import { tokenOf } from './instance-view.ts';

type EventView = Record<string, unknown>;

interface Shown {
  output: boolean;
  input: boolean;
}

const BOOKKEEPING: ReadonlySet<number> = new Set([EventType.OrchestratorStarted, EventType.OrchestratorCompleted]);
const SCHEDULED: ReadonlySet<number> = new Set([EventType.TaskScheduled, EventType.SubOrchestrationInstanceCreated]);
const HIDDEN = ['EventId', 'IsPlayed', 'TaskScheduledId', 'TimerId'];
const HIDDEN_OF_START = ['Name', 'OrchestrationInstance', 'ParentInstance', 'Version'];

/** The history as `showHistory=true` shows it: ends of tasks say what they ended, bookkeeping is left out. */
export function historyView(history: readonly HistoryEvent[], shown: Shown): EventView[] {
  const scheduled = new Map<number, HistoryEvent>();
  const ended = new Set<number>();
  for (const event of history) {
    if (SCHEDULED.has(event.EventType)) scheduled.set(event.EventId, event);
    if (event.TaskScheduledId !== undefined) ended.add(event.TaskScheduledId);
  }
  return history
    .filter((event) => !BOOKKEEPING.has(event.EventType))
    .filter((event) => !(SCHEDULED.has(event.EventType) && ended.has(event.EventId)))
    .map((event) => eventView(event, scheduled, shown));
}

function eventView(event: HistoryEvent, scheduled: ReadonlyMap<number, HistoryEvent>, shown: Shown): EventView {
  const view: EventView = { ...event, EventType: eventTypeName(event.EventType) };
  const cause = event.TaskScheduledId === undefined ? undefined : scheduled.get(event.TaskScheduledId);
  if (cause) {
    Object.assign(view, { ScheduledTime: cause.Timestamp, FunctionName: cause.Name, Input: cause.Input ?? null });
  }
  if (event.EventType === EventType.ExecutionStarted) {
    view.FunctionName = event.Name;
    for (const field of HIDDEN_OF_START) Reflect.deleteProperty(view, field);
  }
  if (SCHEDULED.has(event.EventType)) Reflect.deleteProperty(view, 'Version');
  if ('Result' in view) {
    if (shown.output) view.Result = tokenOf(event.Result);
    else Reflect.deleteProperty(view, 'Result');
  }
  if (!shown.input) Reflect.deleteProperty(view, 'Input');
  for (const field of HIDDEN) Reflect.deleteProperty(view, field);
  return view;
}

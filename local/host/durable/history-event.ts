/**
 * The history of an orchestration as DurableTask.Core writes it and the SDK replays it: PascalCase, numbers for the
 * type. One event is also what a message in an orchestration's inbox holds.
 */

/** DurableTask.Core, History/EventType.cs */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventRaised: 15,
  GenericEvent: 17,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;

export type EventTypeNumber = (typeof EventType)[keyof typeof EventType];

export interface HistoryEvent {
  EventType: EventTypeNumber;
  /** The number of the task on Scheduled and Created events, else -1. */
  EventId: number;
  /** Whether an earlier turn has already seen it. */
  IsPlayed: boolean;
  /** ISO text; the SDK turns it into a Date in place. */
  Timestamp: string | Date;
  Name?: string;
  Version?: string;
  /** JSON text. */
  Input?: string | null;
  /** JSON text. */
  Result?: string | null;
  Reason?: string;
  Details?: string;
  FailureDetails?: FailureDetails | null;
  TaskScheduledId?: number;
  TimerId?: number;
  FireAt?: string;
  InstanceId?: string;
  OrchestrationInstance?: { InstanceId: string; ExecutionId: string };
  ParentInstance?: ParentInstance | null;
  OrchestrationStatus?: string;
}

/** What `TaskFailedError` of the SDK is made of. */
export interface FailureDetails {
  ErrorType: string;
  ErrorMessage: string;
  StackTrace?: string;
  IsNonRetriable: boolean;
  Properties?: Record<string, unknown>;
}

interface ParentInstance {
  Name: null;
  OrchestrationInstance: { InstanceId: string; ExecutionId: string };
  TaskScheduleId: number;
  Version: null;
}

type Fields = Omit<HistoryEvent, 'EventType' | 'EventId' | 'IsPlayed' | 'Timestamp'> & { EventId?: number };

/** A new event that happened at `at` (ms since 1970). */
export function historyEvent(type: EventTypeNumber, at: number, fields: Fields = {}): HistoryEvent {
  return { EventType: type, EventId: -1, IsPlayed: false, Timestamp: new Date(at).toISOString(), ...fields };
}

export interface Started {
  instanceId: string;
  executionId: string;
  name: string;
  version: string | null;
  input: string | null;
  parent: { instanceId: string; executionId: string; taskId: number } | null;
}

/** The first event of every execution. */
export function executionStarted(started: Started, at: number): HistoryEvent {
  const { parent } = started;
  return historyEvent(EventType.ExecutionStarted, at, {
    OrchestrationInstance: { InstanceId: started.instanceId, ExecutionId: started.executionId },
    ParentInstance: parent && {
      Name: null,
      OrchestrationInstance: { InstanceId: parent.instanceId, ExecutionId: parent.executionId },
      TaskScheduleId: parent.taskId,
      Version: null,
    },
    Name: started.name,
    Version: started.version ?? '',
    Input: started.input,
  });
}

/**
 * Reads an event back from the store.
 * @throws Error when the text is none: the store file was not written by this host
 */
export function parseHistoryEvent(text: string): HistoryEvent {
  return checked(JSON.parse(text));
}

/** The same for a list of events. */
export function parseHistoryEvents(text: string): HistoryEvent[] {
  const list: unknown = JSON.parse(text);
  return Array.isArray(list) ? list.map(checked) : [];
}

function checked(value: unknown): HistoryEvent {
  if (isHistoryEvent(value)) return value;
  throw new Error('The task hub holds something that is no history event. Delete its file to start anew.');
}

function isHistoryEvent(value: unknown): value is HistoryEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'EventType' in value &&
    typeof value.EventType === 'number' &&
    'EventId' in value &&
    typeof value.EventId === 'number' &&
    'Timestamp' in value &&
    typeof value.Timestamp === 'string'
  );
}

const NAMES = new Map<number, string>(Object.entries(EventType).map(([name, type]) => [type, name]));

/** `TaskScheduled` for 4. */
export function eventTypeName(type: number): string {
  return NAMES.get(type) ?? String(type);
}

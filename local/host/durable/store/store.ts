import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { parseHistoryEvents, type HistoryEvent } from '../history-event.ts';
import { isRuntimeStatus } from '../runtime-status.ts';
import type { ActivityTask, Instance, InstanceChange, InstanceFilter, InstancePage, Message } from './records.ts';
import { openDatabase } from './schema.ts';

type Row = Record<string, SQLOutputValue>;

/**
 * The state of a task hub, in one SQLite file. Every turn of an orchestration is one transaction: whatever a killed
 * process leaves behind is the state before a turn or after it.
 */
export class Store {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws Error when the file is in use or not of this version */
  constructor(file: string) {
    this.#database = openDatabase(file);
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** All of it or nothing. */
  transaction<T>(work: () => T): T {
    this.#run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#run('COMMIT');
      return result;
    } catch (error) {
      this.#run('ROLLBACK');
      throw error;
    }
  }

  instance(instanceId: string): Instance | undefined {
    const row = this.#statement('SELECT * FROM instances WHERE instance_id = ?').get(instanceId);
    return row && toInstance(row);
  }

  /** The execution that is current, or undefined when there is no such orchestration. */
  executionId(instanceId: string): string | undefined {
    const row = this.#statement('SELECT execution_id FROM instances WHERE instance_id = ?').get(instanceId);
    return row && text(row, 'execution_id');
  }

  insertInstance(instance: Instance): void {
    const { parent } = instance;
    this.#run(
      'INSERT INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      instance.instanceId,
      instance.executionId,
      instance.name,
      instance.version,
      instance.input,
      instance.output,
      instance.customStatus,
      instance.status,
      instance.createdAt,
      instance.updatedAt,
      parent?.instanceId ?? null,
      parent?.executionId ?? null,
      parent?.taskId ?? null,
    );
  }

  updateInstance(instanceId: string, updatedAt: number, change: InstanceChange): void {
    const columns: [string, SQLInputValue | undefined][] = [
      ['execution_id', change.executionId],
      ['input', change.input],
      ['output', change.output],
      ['custom_status', change.customStatus],
      ['status', change.status],
    ];
    const changed = columns.filter((column): column is [string, SQLInputValue] => column[1] !== undefined);
    const assignments = ['updated_at = ?', ...changed.map(([column]) => `${column} = ?`)];
    this.#run(
      `UPDATE instances SET ${assignments.join(', ')} WHERE instance_id = ?`,
      updatedAt,
      ...changed.map(([, value]) => value),
      instanceId,
    );
  }

  /** The current execution's events. */
  history(instanceId: string): HistoryEvent[] {
    const rows = this.#statement('SELECT events FROM history WHERE instance_id = ? ORDER BY position').all(instanceId);
    return rows.flatMap((row) => parseHistoryEvents(text(row, 'events')));
  }

  /** @param position how many events the history has so far */
  appendHistory(instanceId: string, position: number, events: readonly HistoryEvent[]): void {
    this.#run('INSERT INTO history VALUES (?, ?, ?)', instanceId, position, JSON.stringify(events));
  }

  clearHistory(instanceId: string): void {
    this.#run('DELETE FROM history WHERE instance_id = ?', instanceId);
  }

  /** What has arrived by `now`: the start of the execution first, then by time and arrival. */
  dueMessages(instanceId: string, now: number): Message[] {
    const rows = this.#statement(
      'SELECT id, execution_id, visible_at, event FROM inbox WHERE instance_id = ? AND visible_at <= ? ORDER BY visible_at, id',
    ).all(instanceId, now);
    return rows.map((row) => ({
      id: integer(row, 'id'),
      executionId: optionalText(row, 'execution_id'),
      visibleAt: integer(row, 'visible_at'),
      event: text(row, 'event'),
    }));
  }

  /** Puts an event into an inbox; `executionId` null reaches whatever execution is current. */
  send(instanceId: string, executionId: string | null, visibleAt: number, event: HistoryEvent): void {
    this.#run(
      'INSERT INTO inbox (instance_id, execution_id, visible_at, event) VALUES (?, ?, ?, ?)',
      instanceId,
      executionId,
      visibleAt,
      JSON.stringify(event),
    );
  }

  dropMessages(ids: readonly number[]): void {
    for (const id of ids) this.#run('DELETE FROM inbox WHERE id = ?', id);
  }

  dropMessagesOfExecution(instanceId: string, executionId: string): void {
    this.#run('DELETE FROM inbox WHERE instance_id = ? AND execution_id = ?', instanceId, executionId);
  }

  /** Empties the inbox and gives up activities: the orchestration has ended. */
  dropWork(instanceId: string): void {
    this.#run('DELETE FROM inbox WHERE instance_id = ?', instanceId);
    this.#run('DELETE FROM tasks WHERE instance_id = ?', instanceId);
  }

  /** When each waiting message becomes visible: what a new start has to wake up for. */
  wakeTimes(): { instanceId: string; at: number }[] {
    const rows = this.#statement('SELECT DISTINCT instance_id, visible_at FROM inbox').all();
    return rows.map((row) => ({ instanceId: text(row, 'instance_id'), at: integer(row, 'visible_at') }));
  }

  addTask(task: Omit<ActivityTask, 'id'>): ActivityTask {
    const { lastInsertRowid } = this.#run(
      'INSERT INTO tasks (instance_id, execution_id, task_id, name, input, http_request) VALUES (?, ?, ?, ?, ?, ?)',
      task.instanceId,
      task.executionId,
      task.taskId,
      task.name,
      task.input,
      task.httpRequest,
    );
    return { ...task, id: Number(lastInsertRowid) };
  }

  tasks(): ActivityTask[] {
    return this.#statement('SELECT * FROM tasks ORDER BY id').all().map(toTask);
  }

  hasTask(id: number): boolean {
    return this.#statement('SELECT 1 FROM tasks WHERE id = ?').get(id) !== undefined;
  }

  /** @returns false when it was gone: it has ended already, or its orchestration was purged */
  dropTask(id: number): boolean {
    return this.#run('DELETE FROM tasks WHERE id = ?', id).changes > 0;
  }

  purge(instanceId: string): void {
    this.clearHistory(instanceId);
    this.dropWork(instanceId);
    this.#run('DELETE FROM instances WHERE instance_id = ?', instanceId);
  }

  /** One page, in the order of ids. */
  page(page: InstancePage): Instance[] {
    const { conditions, values } = where(page);
    if (page.afterId !== undefined) {
      conditions.push('instance_id > ?');
      values.push(page.afterId);
    }
    const rows = this.#database
      .prepare(`SELECT * FROM instances WHERE ${conditions.join(' AND ')} ORDER BY instance_id LIMIT ?`)
      .all(...values, page.top);
    return rows.map(toInstance);
  }

  /** Ids of all that match. */
  instanceIds(filter: InstanceFilter): string[] {
    const { conditions, values } = where(filter);
    const rows = this.#database
      .prepare(`SELECT instance_id FROM instances WHERE ${conditions.join(' AND ')}`)
      .all(...values);
    return rows.map((row) => text(row, 'instance_id'));
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, ...values: SQLInputValue[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#statement(sql).run(...values);
  }
}

function where(filter: InstanceFilter): { conditions: string[]; values: SQLInputValue[] } {
  const conditions = ['1'];
  const values: SQLInputValue[] = [];
  const add = (condition: string, ...added: SQLInputValue[]): void => {
    conditions.push(condition);
    values.push(...added);
  };
  if (filter.createdFrom !== undefined) add('created_at >= ?', filter.createdFrom);
  if (filter.createdTo !== undefined) add('created_at <= ?', filter.createdTo);
  if (filter.idPrefix) add('substr(instance_id, 1, ?) = ?', filter.idPrefix.length, filter.idPrefix);
  if (filter.statuses?.length) add(`status IN (${filter.statuses.map(() => '?').join()})`, ...filter.statuses);
  return { conditions, values };
}

function toInstance(row: Row): Instance {
  const status = text(row, 'status');
  if (!isRuntimeStatus(status)) throw new Error(`The task hub holds an unknown status '${status}'.`);
  const parentId = optionalText(row, 'parent_instance_id');
  return {
    instanceId: text(row, 'instance_id'),
    executionId: text(row, 'execution_id'),
    name: text(row, 'name'),
    version: optionalText(row, 'version'),
    input: optionalText(row, 'input'),
    output: optionalText(row, 'output'),
    customStatus: optionalText(row, 'custom_status'),
    status,
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
    parent:
      parentId === null
        ? null
        : {
            instanceId: parentId,
            executionId: text(row, 'parent_execution_id'),
            taskId: integer(row, 'parent_task_id'),
          },
  };
}

function toTask(row: Row): ActivityTask {
  return {
    id: integer(row, 'id'),
    instanceId: text(row, 'instance_id'),
    executionId: text(row, 'execution_id'),
    taskId: integer(row, 'task_id'),
    name: text(row, 'name'),
    input: optionalText(row, 'input'),
    httpRequest: optionalText(row, 'http_request'),
  };
}

function text(row: Row, column: string): string {
  return String(row[column]);
}

function optionalText(row: Row, column: string): string | null {
  const value = row[column];
  return value === null || value === undefined ? null : String(value);
}

function integer(row: Row, column: string): number {
  return Number(row[column]);
}

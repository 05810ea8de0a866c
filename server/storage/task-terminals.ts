/** What somebody has of their own in the terminals of their tasks: files beside the task's, and the lines that they typed. */
import { z } from 'zod'
import type { SeatId } from '../seat.ts'
import type { DocumentKind } from './documents.ts'
import type { Store } from './store.ts'
import { terminalSchema } from './terminal-schema.ts'
import type { TerminalRecord } from './types.ts'

type TaskTerminalsOfSeat = { tasks: Record<string, TerminalRecord> }

const taskTerminalsKind: DocumentKind<TaskTerminalsOfSeat> = {
  name: 'task-terminals',
  version: 1,
  upgrades: [],
  schema: z.object({ tasks: z.record(z.string(), terminalSchema) }),
}

/** Of one seat, in characters of what is stored. */
const mostCharacters = 512 * 1024

const lengthOf = (value: unknown): number => JSON.stringify(value).length

/** By seat and task. All of a seat goes with its journal. */
export interface TaskTerminals {
  find(seat: SeatId, task: string): Promise<TerminalRecord | undefined>
  /** @returns false, and keeps what was there, when the seat's terminals would come to more than 512 Ki characters */
  save(seat: SeatId, task: string, record: TerminalRecord): Promise<boolean>
  /** One seat's become another one's, who keeps those that it has already; of the others as many as there is room for, small ones first. */
  give(from: SeatId, to: SeatId): Promise<void>
  removeOf(seat: SeatId): Promise<void>
}

export function createTaskTerminals(store: Store): TaskTerminals {
  const terminals = store.documents(taskTerminalsKind)
  const keyOf = ({ sittingId, participantId }: SeatId): string => `${sittingId}/${participantId}`
  const add = async (seat: SeatId, tasks: (known: TaskTerminalsOfSeat['tasks']) => TaskTerminalsOfSeat['tasks']) => {
    let isKept = true
    await terminals.update(keyOf(seat), (before = { tasks: {} }) => {
      const after = { tasks: tasks(before.tasks) }
      isKept = lengthOf(after) <= mostCharacters
      return isKept ? after : before
    })
    return isKept
  }
  return {
    async find(seat, task) {
      const known = await terminals.find(keyOf(seat))
      return known && Object.hasOwn(known.tasks, task) ? known.tasks[task] : undefined
    },
    save: (seat, task, record) => add(seat, (known) => ({ ...known, [task]: record })),
    async give(from, to) {
      const given = await terminals.find(keyOf(from))
      if (!given) return
      const smallFirst = Object.entries(given.tasks).sort(([, a], [, b]) => lengthOf(a) - lengthOf(b))
      for (const [task, record] of smallFirst) await add(to, (known) => ({ [task]: record, ...known }))
    },
    removeOf: (seat) => terminals.remove(keyOf(seat)),
  }
}

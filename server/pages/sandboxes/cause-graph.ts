/** Lays out what led to what as lanes, a row for each act in the order of time: the longest chain goes straight down. Pure. */
import { t } from '../../i18n/translate.ts'
import type { CauseNode } from '../../labs/sandboxes/types.ts'
import { printClock } from '../clock.ts'

export interface CauseRow {
  number: number
  clock: string
  atMs: number
  actor: string
  action: string
  object: string
  /** The number of the act that made this one happen. */
  because: number | undefined
  lane: number
  /** Whose act the row's mark stands for: a person, the control plane, or a node. */
  side: 'you' | 'control plane' | 'node'
  /** Lanes that pass by, or go on below the row's own mark. */
  passing: number[]
  /** The chain of this row goes on below. */
  goesOn: boolean
  /** The chain of this row comes from above. */
  comesOn: boolean
  /** A chain that begins in the next row or later leaves this row's lane for that one. */
  branches: number[]
}

export interface CauseGraph {
  rows: CauseRow[]
  lanes: number
  /** Earlier acts that are left out. */
  more: number
}

const maxRows = 200

export function causeGraph(all: readonly CauseNode[]): CauseGraph {
  const nodes = all.slice(-maxRows)
  const rowOf = new Map(nodes.map(({ record }, row) => [record, row]))
  const parentOf = nodes.map(({ cause }) => (cause === undefined ? undefined : rowOf.get(cause)))
  const heir = heirs(parentOf)
  const laneOf = lanesOf(parentOf, heir)
  const rows = nodes.map(({ atMs, actor, action, object }, row): CauseRow => {
    const parent = parentOf[row]
    return {
      number: row + 1,
      clock: atMs < 0 ? t('before') : printClock(atMs),
      atMs: Math.max(0, Math.ceil(atMs)),
      actor: actorName(actor),
      action,
      object,
      because: parent === undefined ? undefined : parent + 1,
      lane: laneOf[row]!,
      side: sideOf(actor),
      passing: [],
      goesOn: heir[row] !== undefined,
      comesOn: parent !== undefined,
      branches: [],
    }
  })
  parentOf.forEach((parent, row) => {
    if (parent === undefined) return
    const isHeir = heir[parent] === row
    if (!isHeir) rows[parent]!.branches.push(laneOf[row]!)
    for (let between = parent + 1; between < row; between++) rows[between]!.passing.push(laneOf[row]!)
  })
  return { rows, lanes: Math.max(0, ...laneOf) + 1, more: all.length - nodes.length }
}

/** Of each act's effects the one with the longest chain goes on in its lane. */
function heirs(parentOf: readonly (number | undefined)[]): (number | undefined)[] {
  const length = parentOf.map(() => 1)
  const heir: (number | undefined)[] = parentOf.map(() => undefined)
  for (let row = parentOf.length - 1; row >= 0; row--) {
    const parent = parentOf[row]
    if (parent === undefined) continue
    if (length[row]! + 1 > length[parent]!) {
      length[parent] = length[row]! + 1
      heir[parent] = row
    }
  }
  return heir
}

/** A chain takes the first lane that is free from where it leaves its parent to its end. */
function lanesOf(parentOf: readonly (number | undefined)[], heir: readonly (number | undefined)[]): number[] {
  const laneOf: number[] = []
  /** The last row in which the lane is taken. */
  const takenUntil: number[] = []
  parentOf.forEach((parent, row) => {
    if (parent !== undefined && heir[parent] === row) {
      laneOf.push(laneOf[parent]!)
      return
    }
    let end = row
    for (let next = heir[row]; next !== undefined; next = heir[next]) end = next
    const from = parent ?? row
    let lane = takenUntil.findIndex((until) => until < from)
    if (lane < 0) lane = takenUntil.length
    takenUntil[lane] = end
    laneOf.push(lane)
  })
  return laneOf
}

/** Without what names of users have before the part that people know. */
export function actorName(actor: string): string {
  const [, program = 'kubelet', node] = /^(?:system:node:|(kubelet|containerd)\/)(.+)$/.exec(actor) ?? []
  if (node !== undefined) return t('{program} of {node}', { program, node })
  if (actor === 'you') return t('you')
  if (actor === 'fault') return t('fault')
  return actor.replace(/^system:serviceaccount:[^:]+:/, '').replace(/^system:/, '')
}

const sideOf = (actor: string): CauseRow['side'] =>
  actor === 'you' || actor === 'kubernetes-admin' || actor === 'fault'
    ? 'you'
    : /^(system:node:|kubelet\/|containerd\/)/.test(actor)
      ? 'node'
      : 'control plane'

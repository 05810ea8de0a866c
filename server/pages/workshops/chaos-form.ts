/** The form by which a fault is ordered for the clusters of a workshop's step. Pure. */
import type { Request } from 'express'
import type { Fault } from '../../../sim/index.ts'
import { t, type Values } from '../../i18n/translate.ts'
import { faultGroups, findFault } from '../faults.ts'
import { field } from '../form.ts'

export interface ChaosFields {
  step: string
  fault: string
  node: string
  selector: string
  when: 'now' | 'at'
  seconds: string
  to: 'all' | 'passing' | 'one'
  seat: string
  says: 'what' | 'something'
}

export const readFields = (req: Request): ChaosFields => ({
  step: field(req, 'step'),
  fault: field(req, 'fault') || 'node:down',
  node: field(req, 'node'),
  selector: field(req, 'selector').trim().slice(0, 200),
  when: field(req, 'when') === 'at' ? 'at' : 'now',
  seconds: field(req, 'seconds').trim().slice(0, 10),
  to: field(req, 'to') === 'passing' ? 'passing' : field(req, 'to') === 'one' ? 'one' : 'all',
  seat: field(req, 'seat'),
  says: field(req, 'says') === 'something' ? 'something' : 'what',
})

export type ReadOrder = { fault: Fault; atMs: number | null } | { problem: string }

/** @param maxSeconds of the challenge's clock */
export function readOrder({ fault: id, node, selector, when, seconds }: ChaosFields, maxSeconds: number): ReadOrder {
  const fault = id.startsWith('pod:') ? podFault(id, selector) : findFault(id, { node, pod: undefined })
  if (!fault) return { problem: t('Choose what breaks, and on which node or Pod.') }
  if (when === 'now') return { fault, atMs: null }
  const n = Number(seconds)
  return seconds !== '' && Number.isInteger(n) && n >= 0 && n < maxSeconds
    ? { fault, atMs: n * 1000 }
    : { problem: t('Type a whole second of the clusters’ clock, from 0 to {most}.', { most: maxSeconds - 1 }) }
}

/** Pods have names of their own in each cluster: labels are what they share. */
function podFault(id: string, selector: string): Fault | undefined {
  const known = faultGroups.pod.some(({ buttons }) => buttons.some((button) => button.id === id))
  if (!known || !/^[\w./-]+(=[\w.-]*)?(,[\w./-]+(=[\w.-]*)?)*$/.test(selector)) return undefined
  return { kind: 'pod', selector, act: id === 'pod:kill' ? 'kill' : 'delete' }
}

/** All that can be ordered, by what it is about. */
export const faultChoices = () =>
  ([...faultGroups.node, ...faultGroups.pod, ...faultGroups.cluster] as const).map(({ title, buttons }) => ({
    title: t(title),
    options: buttons.map(({ id, label, values }) => ({ id, label: plain(label, values) })),
  }))

const plain = (label: string, values?: Values): string => t(label, values).replaceAll(/<\/?hidden>/g, '')

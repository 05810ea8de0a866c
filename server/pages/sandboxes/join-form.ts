/** The form that adds a node to a sandbox. Pure. */
import type { LoggedCommand, NodeShape } from '../../../sim/index.ts'
import { t } from '../../i18n/translate.ts'
import { parseTaint } from './shape-form.ts'

/** What the form's controls hold, as text. */
export interface JoinFields {
  name: string
  cpu: string
  memory: string
  zone: string
  taint: string
}

export type JoinProblems = Partial<Record<keyof JoinFields, string>>

export type JoinReading = { node: NodeShape } | { problems: JoinProblems }

/** Of a sandbox that somebody adds nodes to. */
export const maxMachines = 20

/** Every machine there has been: a name is not given twice, even when its Node is deleted. */
export const machinesOf = (made: readonly NodeShape[], log: readonly LoggedCommand[]): string[] => [
  ...made.map(({ name }) => name),
  ...log.flatMap(({ command }) =>
    command.op === 'fault' && command.fault.kind === 'join' ? [command.fault.node.name] : [],
  ),
]

export function emptyJoin(taken: readonly string[]): JoinFields {
  let number = taken.length + 1
  while (taken.includes(`node-${number}`)) number++
  return { name: `node-${number}`, cpu: '4', memory: '8Gi', zone: '', taint: '' }
}

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
const nodeName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const labelValue = /^[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$/

export function readJoin(fields: JoinFields, taken: readonly string[]): JoinReading {
  const problems: JoinProblems = {}
  const [name, cpu, memory, zone, taintText] = [
    fields.name.trim(),
    fields.cpu.trim(),
    fields.memory.trim(),
    fields.zone.trim(),
    fields.taint.trim(),
  ]
  if (taken.includes(name)) problems.name = t('is the name of another node of this sandbox')
  else if (name.length > 63 || !nodeName.test(name))
    problems.name = t('must be a name such as node-4: letters a to z, digits, "-" and "."')
  if (!/^([1-9]\d{0,2}|[1-9]\d{2,5}m)$/.test(cpu)) problems.cpu = t('must be a quantity such as 4 or 500m')
  if (!/^[1-9]\d{0,4}[MG]i?$/.test(memory)) problems.memory = t('must be a quantity such as 8Gi or 512Mi')
  if (zone && !labelValue.test(zone)) problems.zone = t('must be a name such as zone-a')
  const taint = taintText ? parseTaint(taintText) : undefined
  if (taintText && !taint)
    problems.taint = t(
      'must look like key=value:NoSchedule; the effects are NoSchedule, PreferNoSchedule and NoExecute',
    )
  if (Object.keys(problems).length > 0) return { problems }
  return {
    node: {
      name,
      cpu,
      memory,
      ...(zone ? { labels: { 'topology.kubernetes.io/zone': zone } } : {}),
      ...(taint ? { taints: [taint] } : {}),
    },
  }
}

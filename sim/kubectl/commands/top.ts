/** kubectl top: what Pods and nodes use, by the add-on metrics-server. Source: k8s.io/kubectl/pkg/cmd/top */
import type { NodeMetrics, PodMetrics } from '../../api/autoscaling/types.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject, ResourceList } from '../../api/meta/object.ts'
import { quantityMillis, quantityValue } from '../../api/meta/quantity.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import { allNamespacesFlag, type Command, fieldSelectorFlag, type Invocation, selectorFlag } from '../command.ts'
import { KubectlError } from '../errors.ts'
import type { Flag } from '../flags.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'

const sharedFlags: readonly Flag[] = [
  selectorFlag,
  { name: 'no-headers', type: 'bool', help: 'If present, print output without headers.' },
  { name: 'sort-by', type: 'string', help: "If non-empty, sort by this field: 'cpu' or 'memory'." },
  { name: 'show-swap', type: 'bool', help: 'Print resources related to swap memory.' },
]

interface Use {
  cpuMillis: number
  memoryBytes: number
}

const useOf = (usage: ResourceList): Use => ({
  cpuMillis: quantityMillis(usage.cpu ?? '0'),
  memoryBytes: quantityValue(usage.memory ?? '0'),
})
const cpu = ({ cpuMillis }: Use): string => `${cpuMillis}m`
const memory = ({ memoryBytes }: Use): string => `${Math.floor(memoryBytes / 1024 ** 2)}Mi`

/** Metrics kinds stand behind those of the core group: they are asked for by their group. */
function metricsKind<T extends KubeObject>(invocation: Invocation, plural: string): Kind<T> {
  const kind = invocation.resources.lookUp(`${plural}.metrics.k8s.io`)
  if (!kind) throw new KubectlError('Metrics API not available')
  return kind as unknown as Kind<T>
}

function listMetrics<T extends KubeObject>(invocation: Invocation, plural: string, namespace: string): readonly T[] {
  try {
    return invocation.client.list(metricsKind<T>(invocation, plural), {
      namespace,
      labelSelector: invocation.flags.string('selector') || undefined,
    }).items
  } catch (error) {
    if (isStatus(error, 'NotFound')) throw new KubectlError('Metrics API not available')
    throw error
  }
}

function sorter(invocation: Invocation): (a: Use & { name: string }, b: Use & { name: string }) => number {
  const by = invocation.flags.string('sort-by')
  if (by && by !== 'cpu' && by !== 'memory') throw new KubectlError('--sort-by accepts only cpu or memory')
  return (a, b) =>
    (by === 'cpu' ? b.cpuMillis - a.cpuMillis : by === 'memory' ? b.memoryBytes - a.memoryBytes : 0) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
}

function print(invocation: Invocation, header: readonly string[], rows: readonly (readonly string[])[]): void {
  const shown = invocation.flags.bool('no-headers') ? rows : [header, ...rows]
  invocation.out(layOut(shown.map((row) => `${row.join('\t')}\n`).join(''), tableTabs))
}

const pod: Command = {
  name: 'pod',
  aliases: ['pods', 'po'],
  short: 'Display resource (CPU/memory) usage of pods',
  usage: '[NAME | -l label] [options]',
  flags: [
    ...sharedFlags,
    allNamespacesFlag,
    fieldSelectorFlag,
    { name: 'containers', type: 'bool', help: 'If present, print usage of containers within a pod.' },
    { name: 'sum', type: 'bool', help: 'Print the sum of the resource usage' },
  ],
  run(invocation) {
    const { flags, args } = invocation
    const isAll = flags.bool('all-namespaces')
    const namespace = isAll ? '' : invocation.namespace
    if (args.length > 1) throw invocation.usageError('at most one NAME is possible')
    checkSort(invocation)
    if (args.length > 0 && flags.string('selector'))
      throw new KubectlError('only one of NAME or selector can be provided')
    const all = listMetrics<PodMetrics>(invocation, 'pods', namespace)
    const found = args.length === 1 ? all.filter(({ metadata }) => metadata.name === args[0]) : all
    if (found.length === 0) return reportNone(invocation, namespace, args[0])
    const showsContainers = flags.bool('containers')
    const rows = found
      .map(({ metadata, containers }) => {
        const parts = containers.map(({ name, usage }) => ({ container: name, ...useOf(usage) }))
        return {
          namespace: metadata.namespace ?? '',
          name: metadata.name,
          parts,
          cpuMillis: parts.reduce((sum, part) => sum + part.cpuMillis, 0),
          memoryBytes: parts.reduce((sum, part) => sum + part.memoryBytes, 0),
        }
      })
      .sort(sorter(invocation))
    const lead = (row: { namespace: string }): string[] => (isAll ? [row.namespace] : [])
    const lines = rows.flatMap((row) =>
      showsContainers
        ? row.parts.map((part) => [...lead(row), row.name, part.container, cpu(part), memory(part)])
        : [[...lead(row), row.name, cpu(row), memory(row)]],
    )
    const names = showsContainers ? ['POD', 'NAME'] : ['NAME']
    print(invocation, [...(isAll ? ['NAMESPACE'] : []), ...names, 'CPU(cores)', 'MEMORY(bytes)'], lines)
    return 0
  },
}

function reportNone(invocation: Invocation, namespace: string, name: string | undefined): number {
  const kind = invocation.resources.find('pods')
  if (name !== undefined) {
    invocation.client.get(kind, { namespace, name })
    throw new KubectlError(`Metrics not available for pod ${namespace}/${name}`)
  }
  const labelSelector = invocation.flags.string('selector') || undefined
  if (invocation.client.list(kind, { namespace, labelSelector }).items.length > 0)
    throw new KubectlError('metrics not available yet')
  invocation.err(namespace ? `No resources found in ${namespace} namespace.\n` : 'No resources found\n')
  return 0
}

const node: Command = {
  name: 'node',
  aliases: ['nodes', 'no'],
  short: 'Display resource (CPU/memory) usage of nodes',
  usage: '[NAME | -l label] [options]',
  flags: [
    ...sharedFlags,
    { name: 'show-capacity', type: 'bool', help: 'Print node resources based on Capacity instead of Allocatable.' },
  ],
  run(invocation) {
    const { args, flags } = invocation
    checkSort(invocation)
    if (args.length > 0 && flags.string('selector'))
      throw new KubectlError('only one of NAME or --selector can be provided')
    const metrics = listMetrics<NodeMetrics>(invocation, 'nodes', '')
    const kind = invocation.resources.find('nodes')
    const labelSelector = flags.string('selector') || undefined
    const nodes =
      args.length > 0
        ? args.map((name) => invocation.client.get(kind, { namespace: '', name }))
        : invocation.client.list(kind, { labelSelector }).items
    const total = flags.bool('show-capacity') ? 'capacity' : 'allocatable'
    const known = nodes.flatMap((object) => {
      const found = metrics.find(({ metadata }) => metadata.name === object.metadata.name)
      const { status } = object as unknown as { status: Record<string, ResourceList | undefined> }
      return found ? [{ name: object.metadata.name, ...useOf(found.usage), of: useOf(status[total] ?? {}) }] : []
    })
    const unknown = nodes.filter(({ metadata }) => !known.some(({ name }) => name === metadata.name))
    if (known.length === 0 && unknown.length > 0) throw new KubectlError('metrics not available yet')
    const percent = (part: number, whole: number): string => `${whole > 0 ? Math.floor((part * 100) / whole) : 0}%`
    print(
      invocation,
      ['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)'],
      [
        ...known
          .sort(sorter(invocation))
          .map((row) => [
            row.name,
            cpu(row),
            percent(row.cpuMillis, row.of.cpuMillis),
            memory(row),
            percent(row.memoryBytes, row.of.memoryBytes),
          ]),
        ...unknown.map(({ metadata }) => [metadata.name, ...Array.from({ length: 4 }, () => '<unknown>')]),
      ],
    )
    return 0
  },
}

export const top: Command = {
  name: 'top',
  short: 'Display resource (CPU/memory) usage',
  usage: '[options]',
  subcommands: [node, pod],
}

function checkSort({ flags }: Invocation): void {
  if (!['', 'cpu', 'memory'].includes(flags.string('sort-by')))
    throw new KubectlError('--sort-by accepts only cpu or memory')
}

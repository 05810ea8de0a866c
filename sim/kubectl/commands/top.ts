/** kubectl top: what Pods and nodes use, by the add-on metrics-server. Source: k8s.io/kubectl/pkg/cmd/top */
import type { NodeMetrics, PodMetrics } from '../../api/autoscaling/types.ts'
import type { Node } from '../../api/core/types.ts'
import { printGoDuration } from '../../api/meta/duration.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { parseSelector } from '../../api/meta/label-selector.ts'
import type { KubeObject, Quantity, ResourceList } from '../../api/meta/object.ts'
import { addQuantities, quantityMillis, quantityValue } from '../../api/meta/quantity.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import { askInPassing } from '../ask.ts'
import { allNamespacesFlag, type Command, fieldSelectorFlag, type Invocation, selectorFlag } from '../command.ts'
import { KubectlError } from '../errors.ts'
import type { Flag } from '../flags.ts'
import { goSorted } from '../go-sort.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'

const sharedFlags: readonly Flag[] = [
  selectorFlag,
  { name: 'no-headers', type: 'bool', help: 'If present, print output without headers.' },
  { name: 'sort-by', type: 'string', help: "If non-empty, sort by this field: 'cpu' or 'memory'." },
  { name: 'show-swap', type: 'bool', help: 'Print resources related to swap memory.' },
  {
    name: 'use-protocol-buffers',
    type: 'bool',
    default: true,
    help: 'Enables using protocol-buffers to access Metrics API.',
  },
]

/** Older Pods than this have been measured, if they can be. */
const measuredAfterMs = 120_000

/** What is shown of each resource: how much is used, in whole units. */
const MEASURED: Readonly<Record<string, (amount: Quantity) => string>> = {
  cpu: (amount) => `${quantityMillis(amount)}m`,
  memory: (amount) => `${Math.floor(quantityValue(amount) / 1024 ** 2)}Mi`,
  swap: (amount) => `${Math.floor(quantityValue(amount) / 1024 ** 2)}Mi`,
}

const measured = ({ flags }: Invocation): string[] => ['cpu', 'memory', ...(flags.bool('show-swap') ? ['swap'] : [])]

/** Metrics kinds stand behind those of the core group: they are asked for by their group. */
function metricsKind<T extends KubeObject>({ resources }: Invocation, plural: string): Kind<T> {
  const kind = resources.lookUp(`${plural}.metrics.k8s.io`)
  if (!kind) throw new KubectlError('Metrics API not available')
  return kind as unknown as Kind<T>
}

/** One by its name, or those that the line's selectors let through. */
function readMetrics<T extends KubeObject>(invocation: Invocation, plural: string, namespace: string): readonly T[] {
  const [name] = invocation.args
  for (const path of ['/api', '/apis']) askInPassing(invocation, path)
  const kind = metricsKind<T>(invocation, plural)
  try {
    if (name !== undefined) return [invocation.client.get(kind, { namespace, name })]
    return invocation.client.list(kind, { namespace, ...selectorsOf(invocation) }).items
  } catch (error) {
    if (isStatus(error, 'NotFound') && name === undefined) throw new KubectlError('Metrics API not available')
    throw error
  }
}

/** @throws KubectlError for labels that kubectl cannot read: it does so before it asks */
function selectorsOf({ flags }: Invocation): { labelSelector?: string; fieldSelector?: string } {
  const labelSelector = flags.string('selector')
  const fieldSelector = flags.knows('field-selector') ? flags.string('field-selector') : ''
  try {
    if (labelSelector) parseSelector(labelSelector)
  } catch (error) {
    throw new KubectlError((error as Error).message)
  }
  return { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) }
}

/** @throws KubectlError for what cannot be asked together */
function checkLine(invocation: Invocation): void {
  const { flags, args } = invocation
  if (args.length > 1) throw invocation.usageError(`${invocation.path.split(' ').at(-1)} [NAME | -l label]`)
  const by = flags.string('sort-by')
  if (by && by !== 'cpu' && by !== 'memory') throw new KubectlError('--sort-by accepts only cpu or memory')
  const selects = flags.knows('field-selector') ? 'selector' : '--selector'
  const hasSelector = flags.string('selector') || (flags.knows('field-selector') && flags.string('field-selector'))
  if (args.length === 1 && hasSelector) throw new KubectlError(`only one of NAME or ${selects} can be provided`)
}

/** The most first, of what --sort-by names; else by name. */
function sorted<T>(
  { flags }: Invocation,
  items: readonly T[],
  usageOf: (item: T) => ResourceList,
  nameOf: (item: T) => string,
): T[] {
  const by = flags.string('sort-by')
  const value = by === 'cpu' ? quantityMillis : quantityValue
  return goSorted(items, (a, b) =>
    by ? value(usageOf(a)[by] ?? '0') > value(usageOf(b)[by] ?? '0') : nameOf(a) < nameOf(b),
  )
}

/** Each cell ends in a tab, the last one too. */
function print(invocation: Invocation, header: readonly string[], rows: readonly (readonly string[])[]): void {
  const shown = invocation.flags.bool('no-headers') ? rows : [header, ...rows]
  invocation.out(layOut(shown.map((row) => `${row.map((cell) => `${cell}\t`).join('')}\n`).join(''), tableTabs))
}

const usageCells = (invocation: Invocation, usage: ResourceList): string[] =>
  measured(invocation).map((name) => MEASURED[name](usage[name] ?? '0'))

const sumOf = (lists: readonly ResourceList[], names: readonly string[]): ResourceList =>
  Object.fromEntries(names.map((name) => [name, lists.map((list) => list[name] ?? '0').reduce(addQuantities, '0')]))

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
    checkLine(invocation)
    const { flags } = invocation
    const isAll = flags.bool('all-namespaces')
    const names = measured(invocation)
    const found = readMetrics<PodMetrics>(invocation, 'pods', isAll ? '' : invocation.namespace)
    if (found.length === 0) return reportNone(invocation)
    const usageOf = ({ containers }: PodMetrics): ResourceList =>
      sumOf(
        containers.map(({ usage }) => usage),
        names,
      )
    const pods = sorted(invocation, found, usageOf, ({ metadata }) =>
      isAll ? `${metadata.namespace}/${metadata.name}` : metadata.name,
    )
    const lead = ({ metadata }: PodMetrics): string[] => (isAll ? [metadata.namespace ?? ''] : [])
    const showsContainers = flags.bool('containers')
    const rows = pods.flatMap((one) => {
      if (!showsContainers) return [[...lead(one), one.metadata.name, ...usageCells(invocation, usageOf(one))]]
      const parts = sorted(
        invocation,
        one.containers,
        ({ usage }) => usage,
        ({ name }) => name,
      )
      return parts.map(({ name, usage }) => [...lead(one), one.metadata.name, name, ...usageCells(invocation, usage)])
    })
    const titles = ['NAME', 'CPU(cores)', 'MEMORY(bytes)', ...(flags.bool('show-swap') ? ['SWAP(bytes)'] : [])]
    const header = [...(isAll ? ['NAMESPACE'] : []), ...(showsContainers ? ['POD'] : []), ...titles]
    if (flags.bool('sum')) {
      // Without headers nobody counts the columns in front.
      const width = flags.bool('no-headers') ? titles.length : header.length
      rows.push([...Array<string>(width - 2).fill(''), '________', '________'])
      rows.push([...Array<string>(width - 3).fill(''), '', ...usageCells(invocation, sumOf(pods.map(usageOf), names))])
    }
    print(invocation, header, rows)
    return 0
  },
}

/** Why nothing was measured: Pods that are old enough are told of. */
function reportNone(invocation: Invocation): number {
  const { client, flags, context } = invocation
  const isAll = flags.bool('all-namespaces')
  const kind = invocation.resources.find('pods')
  const pods = client.list(kind, { namespace: invocation.namespace, ...selectorsOf(invocation) }).items
  for (const { metadata } of pods) {
    const ageMs = context.nowEpochMs() - Date.parse(metadata.creationTimestamp)
    if (ageMs > measuredAfterMs)
      throw new KubectlError(
        `Metrics not available for pod ${metadata.namespace}/${metadata.name}, age: ${printGoDuration(ageMs)}`,
      )
  }
  if (pods.length > 0) throw new KubectlError('metrics not available yet')
  invocation.err(isAll ? 'No resources found\n' : `No resources found in ${invocation.namespace} namespace.\n`)
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
    checkLine(invocation)
    const { args, flags, client } = invocation
    const metrics = readMetrics<NodeMetrics>(invocation, 'nodes', '')
    if (metrics.length === 0) throw new KubectlError('metrics not available yet')
    const kind = invocation.resources.find('nodes') as unknown as Kind<Node>
    const nodes =
      args.length > 0
        ? [client.get(kind, { namespace: '', name: args[0] })]
        : client.list(kind, selectorsOf(invocation)).items
    const total = flags.bool('show-capacity') ? 'capacity' : 'allocatable'
    const available = new Map(nodes.map(({ metadata, status }) => [metadata.name, status[total] ?? {}]))
    const cells = (name: string, used: Quantity | undefined, of: Quantity | undefined): string[] => {
      if (name === 'swap') return [UNKNOWN, UNKNOWN]
      const whole = of === undefined ? 0 : quantityMillis(of)
      const share = whole === 0 ? 0 : Math.trunc((quantityMillis(used ?? '0') / whole) * 100)
      return [MEASURED[name](used ?? '0'), ...(of === undefined ? [] : [`${share}%`])]
    }
    const names = measured(invocation)
    const rows = sorted(
      invocation,
      metrics,
      ({ usage }) => usage,
      ({ metadata }) => metadata.name,
    ).map(({ metadata, usage }) => [
      metadata.name,
      ...names.flatMap((name) => cells(name, (usage as ResourceList)[name], available.get(metadata.name)?.[name])),
    ])
    const measuredNodes = new Set(metrics.map(({ metadata }) => metadata.name))
    for (const { metadata } of nodes)
      if (!measuredNodes.has(metadata.name)) rows.push([metadata.name, ...names.flatMap(() => [UNKNOWN, UNKNOWN])])
    const titles = ['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)']
    print(invocation, [...titles, ...(flags.bool('show-swap') ? ['SWAP(bytes)', 'SWAP(%)'] : [])], rows)
    return 0
  },
}

const UNKNOWN = '<unknown>'

export const top: Command = {
  name: 'top',
  short: 'Display resource (CPU/memory) usage',
  usage: '[options]',
  failsAlone: 'stderr',
  subcommands: [node, pod],
}

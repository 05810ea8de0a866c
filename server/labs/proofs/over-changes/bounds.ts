/** Bounds that are taken away or made looser: quotas, budgets, numbers of replicas, sizes, and what a volume or a node says of itself. */
import { add, type Change, type Json, lessOfSelector, type Operation, remove, replace, step } from './change.ts'

const looser = (patch: Operation[]): Change[] => (patch.length > 0 ? [{ change: 'looser-bound', patch }] : [])
const gone: Change = { change: 'bound-gone', patch: 'delete' }

export const quotaChanges = ({ spec: { hard = {} } }: Json): Change[] => [
  gone,
  ...looser(Object.entries(hard).map(([key, value]) => replace(`/spec/hard/${step(key)}`, tenfold(String(value))))),
]

export const limitRangeChanges = ({ spec: { limits = [] } }: Json): Change[] => [
  gone,
  ...['default', 'max'].flatMap((bound) =>
    looser(
      (limits as Json[]).flatMap((limit, n) =>
        Object.entries(limit[bound] ?? {}).map(([key, value]) =>
          replace(`/spec/limits/${n}/${bound}/${step(key)}`, tenfold(String(value))),
        ),
      ),
    ),
  ),
  ...looser((limits as Json[]).flatMap(({ min }, n) => (min ? [remove(`/spec/limits/${n}/min`)] : []))),
]

/** `500m` as `5000m`: the unit stays. */
const tenfold = (quantity: string): string => {
  const [, number, unit] = /^([\d.]+)(.*)$/.exec(quantity) ?? []
  return `${Number(number) * 10}${unit}`
}

export const budgetChanges = ({ spec }: Json): Change[] => [
  gone,
  ...lessOfSelector('wider-selector', '/spec/selector', spec.selector),
  ...looser(spec.minAvailable === undefined ? [] : [replace('/spec/minAvailable', 0)]),
  ...looser(spec.maxUnavailable === undefined ? [] : [replace('/spec/maxUnavailable', '100%')]),
]

export const autoscalerChanges = ({ spec: { minReplicas = 1, maxReplicas } }: Json): Change[] => [
  { change: 'more-at-most', patch: [replace('/spec/maxReplicas', maxReplicas * 3)] },
  ...(minReplicas > 1 ? [{ change: 'less-at-least', patch: [replace('/spec/minReplicas', 1)] }] : []),
  ...(minReplicas < maxReplicas ? [{ change: 'more-at-least', patch: [add('/spec/minReplicas', maxReplicas)] }] : []),
]

/** A volume that goes, or stays, when its claim goes. */
export const volumeChanges = (path: string, policy: string): Change[] => [
  { change: 'other-reclaim', patch: [add(path, policy === 'Retain' ? 'Delete' : 'Retain')] },
]

export const claimChanges = ({ spec }: Json): Change[] => {
  const size = spec.resources?.requests?.storage
  return size === undefined
    ? []
    : [{ change: 'more-storage', patch: [replace('/spec/resources/requests/storage', tenfold(size))] }]
}

/** Labels and taints that people gave; those of the cluster come back. */
export const nodeChanges = ({ metadata, spec = {} }: Json): Change[] => [
  ...Object.keys(metadata.labels ?? {})
    .filter((key) => !/(?:^|\.)kubernetes\.io\/|(?:^|\.)k8s\.io\//.test(key))
    .map((key): Change => ({ change: 'label-gone', patch: [remove(`/metadata/labels/${step(key)}`)] })),
  ...((spec.taints ?? []) as Json[]).flatMap(({ key }, n): Change[] =>
    key.startsWith('node.kubernetes.io/') ? [] : [{ change: 'taint-gone', patch: [remove(`/spec/taints/${n}`)] }],
  ),
]

/** A token that nobody asked for. */
export const accountChanges = ({ automountServiceAccountToken }: Json): Change[] =>
  automountServiceAccountToken === false
    ? [{ change: 'token-mounted', patch: [replace('/automountServiceAccountToken', true)] }]
    : []

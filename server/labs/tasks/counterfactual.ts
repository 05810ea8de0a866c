/**
 * The smallest change that would have turned a check green: what a solution's objects have otherwise than the learner's, tried on the
 * learner's own run and thinned out until nothing of it can be left away.
 * Source of the thinning: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002), its greedy form
 */
import type { ChallengeSpec, KubeObject, LoggedCommand } from '../../../sim/index.ts'
import type { Labs } from '../types.ts'

/** One difference: an object that is missing or too many, or a field of one. */
export interface Edit {
  kind: string
  namespace: string
  name: string
  /** What leads to the field; empty for the whole object. */
  steps: Step[]
  direction: 'create' | 'delete' | 'add' | 'remove' | 'raise' | 'lower' | 'change'
  from?: unknown
  to?: unknown
}

/** The name of a field, or of an item of a list. */
export type Step = string | { item: string }

/** `spec.template.spec.containers[web].image` */
export const printSteps = (steps: readonly Step[]): string =>
  steps.map((step, n) => (typeof step === 'string' ? `${n > 0 ? '.' : ''}${step}` : `[${step.item}]`)).join('')

export interface CounterfactualRequest {
  spec: ChallengeSpec
  contentHash: string
  seed: string
  log: readonly LoggedCommand[]
  check: string
  solutions: readonly (readonly LoggedCommand[])[]
}

/** More differences than this are another way of doing it, not a hint. */
const maxEdits = 14

/** @returns edits none of which can be left away; undefined when no solution leads from this run to a green check by a change at its end */
export async function smallestChange(
  labs: Labs,
  who: string,
  request: CounterfactualRequest,
): Promise<Edit[] | undefined> {
  const { spec, contentHash, seed, log, check } = request
  const own = await labs.outcome(who, { spec, seed, log: [...log] })
  const turnsGreen = async (edits: readonly Edit[]): Promise<boolean> => {
    const changed = [...log, ...commandsOf(own, edits, log.at(-1)?.atMs ?? 0)]
    const { tests } = await labs.grade(who, { spec, contentHash, seed, log: changed })
    return tests.find(({ id }) => id === check)?.status === 'pass'
  }
  let best: Edit[] | undefined
  for (const solution of request.solutions) {
    const edits = differences(own, await labs.outcome(who, { spec, seed, log: [...solution] }))
    if (edits.length === 0 || edits.length > maxEdits || !(await turnsGreen(edits))) continue
    let kept = edits
    for (const edit of edits) {
      const others = kept.filter((other) => other !== edit)
      if (others.length > 0 && (await turnsGreen(others))) kept = others
    }
    if (!best || kept.length < best.length) best = kept
    if (best.length === 1) break
  }
  return best
}

const keyOf = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`

/** What leads from the objects of `from` to those of `to`, field by field. */
export function differences(from: readonly KubeObject[], to: readonly KubeObject[]): Edit[] {
  const wanted = new Map(to.map((object) => [keyOf(object), object]))
  const present = new Map(from.map((object) => [keyOf(object), object]))
  const about = ({ kind, metadata }: KubeObject) => ({
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
  })
  const edits: Edit[] = []
  for (const [key, object] of present) {
    const other = wanted.get(key)
    if (!other) edits.push({ ...about(object), steps: [], direction: 'delete' })
    else
      for (const change of fieldChanges(written(object), written(other), []))
        edits.push({ ...about(object), ...change })
  }
  for (const [key, object] of wanted)
    if (!present.has(key)) edits.push({ ...about(object), steps: [], direction: 'create', to: written(object) })
  return edits
}

/** What a person writes of an object: without status, and without what the cluster fills in by chance. */
function written(object: KubeObject): Record<string, unknown> {
  const { metadata, status: _, ...rest } = object as KubeObject & { status?: unknown }
  const { name, namespace, labels } = metadata
  const spec = (rest as { spec?: Record<string, unknown> }).spec
  const plain: Record<string, unknown> = {
    ...rest,
    metadata: { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}) },
  }
  if (spec) {
    const { clusterIP, clusterIPs, nodeName, volumeName, ...others } = spec
    const own = 'template' in others ? { ...others, template: withoutRestart(others.template as Template) } : others
    plain.spec = clusterIP === 'None' ? { ...own, clusterIP } : own
  }
  return plain
}

type Template = { metadata?: { annotations?: Record<string, string> } }

/** Without the moment of a `kubectl rollout restart`, which is nobody's aim. */
function withoutRestart(template: Template): Template {
  const { 'kubectl.kubernetes.io/restartedAt': moment, ...annotations } = template?.metadata?.annotations ?? {}
  if (moment === undefined) return template
  const { annotations: _, ...metadata } = template.metadata!
  return {
    ...template,
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
  }
}

type Change = Pick<Edit, 'steps' | 'direction' | 'from' | 'to'>

function fieldChanges(from: unknown, to: unknown, steps: Step[]): Change[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return []
  if (isRecord(from) && isRecord(to))
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name) =>
      fieldChanges(from[name], to[name], [...steps, name]),
    )
  if (Array.isArray(from) && Array.isArray(to) && [...from, ...to].every(isNamed)) {
    const find = (list: unknown[], name: string) => list.find((item) => (item as { name: string }).name === name)
    const names = [...new Set([...from, ...to].map((item) => (item as { name: string }).name))]
    return names.flatMap((name) => fieldChanges(find(from, name), find(to, name), [...steps, { item: name }]))
  }
  if (from === undefined) return [{ steps, direction: 'add', to }]
  if (to === undefined) return [{ steps, direction: 'remove', from }]
  return [{ steps, direction: directionOf(from, to), from, to }]
}

function directionOf(from: unknown, to: unknown): Edit['direction'] {
  if (typeof from !== 'number' || typeof to !== 'number') return 'change'
  return to > from ? 'raise' : 'lower'
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isNamed = (value: unknown): boolean => isRecord(value) && typeof value.name === 'string'

/** Kinds whose specification cannot be changed: they are made anew. */
const remade = ['Pod', 'Job']

/** Lines that make the edits on the learner's objects, one for each object. */
function commandsOf(own: readonly KubeObject[], edits: readonly Edit[], atMs: number): LoggedCommand[] {
  const objects = new Map(own.map((object) => [keyOf(object), object]))
  const groups = groupsOf(edits)
  return [...groups].map(([key, group]): LoggedCommand => {
    const { kind, namespace, name, direction, to } = group[0]!
    const within = namespace ? ` -n ${namespace}` : ''
    if (direction === 'delete')
      return {
        atMs,
        command: { op: 'kubectl', line: `kubectl delete ${kind.toLowerCase()} ${name}${within} --wait=false` },
      }
    if (direction === 'create') return { atMs, command: { op: 'apply', manifest: JSON.stringify(to) } }
    const { status: _, ...object } = structuredClone(objects.get(key)!) as KubeObject & { status?: unknown }
    const { resourceVersion, uid, creationTimestamp, managedFields, generation, ...metadata } =
      object.metadata as unknown as Record<string, unknown>
    const changed = { ...object, metadata }
    for (const edit of group) setField(changed, edit.steps, edit.direction === 'remove' ? undefined : edit.to)
    const force = remade.includes(kind) ? ' --force' : ''
    return {
      atMs,
      command: { op: 'kubectl', line: `kubectl replace${force} -f -`, stdin: JSON.stringify(changed) },
    }
  })
}

function groupsOf(edits: readonly Edit[]): Map<string, Edit[]> {
  const groups = new Map<string, Edit[]>()
  for (const edit of edits) {
    const key = `${edit.kind}/${edit.namespace}/${edit.name}`
    groups.set(key, [...(groups.get(key) ?? []), edit])
  }
  return groups
}

function setField(object: Record<string, unknown>, steps: readonly Step[], value: unknown): void {
  let holder: unknown = object
  for (const [n, step] of steps.entries()) {
    const isLast = n === steps.length - 1
    if (typeof step === 'string') {
      const record = holder as Record<string, unknown>
      if (isLast && value === undefined) delete record[step]
      else if (isLast) record[step] = value
      else holder = record[step] ??= {}
      continue
    }
    const list = holder as { name: string }[]
    const at = list.findIndex(({ name }) => name === step.item)
    if (!isLast) holder = list[at]
    else if (value === undefined) list.splice(at, 1)
    else if (at < 0) list.push(value as { name: string })
    else list[at] = value as { name: string }
  }
}

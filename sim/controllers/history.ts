/**
 * ControllerRevisions: what a StatefulSet's or DaemonSet's template was, kept to tell Pods apart and to go back to.
 * Source: kubernetes/pkg/controller/history/controller_history.go
 */
import type { ControllerRevision } from '../api/apps/types.ts'
import type { PodTemplateSpec } from '../api/core/pod-types.ts'
import { equalJson, isRecord } from '../api/meta/json.ts'
import { type Draft, type KubeObject, keyOf } from '../api/meta/object.ts'
import { encodeSafe } from '../api/meta/safe-names.ts'
import { controllerReference } from './ownership.ts'

/** On Pods: the revision they were made from. */
export const REVISION_LABEL = 'controller-revision-hash'
const HASH_LABEL = 'controller.kubernetes.io/hash'
const MAX_NAME_BASE = 223

type Data = NonNullable<ControllerRevision['data']>

/**
 * What is kept of a template: a patch that puts it in the place of another. It is kept as text, whose keys are in order; kubectl
 * compares it with what it writes itself.
 */
export const revisionData = (template: PodTemplateSpec): Data =>
  JSON.parse(goJson({ spec: { template: { ...template, $patch: 'replace' } } }))

/** The template that the revision keeps. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _, ...template } = revision.data!.spec.template
  return template
}

export const keepsTemplate = (revision: ControllerRevision, template: PodTemplateSpec): boolean =>
  revision.data !== undefined && equalJson(templateOf(revision), template)

/** Oldest first: by number, then by age, then by name. */
export const sortRevisions = (revisions: readonly ControllerRevision[]): ControllerRevision[] =>
  revisions.toSorted(
    (a, b) => a.revision - b.revision || byText(age(a), age(b)) || byText(a.metadata.name, b.metadata.name),
  )

const age = ({ metadata }: KubeObject): string => metadata.creationTimestamp
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The number after the highest. */
export const nextRevisionNumber = (revisions: readonly ControllerRevision[]): number =>
  Math.max(0, ...revisions.map(({ revision }) => revision)) + 1

/** A revision of the owner's template, named by a hash of it. @param collisionCount changes the name when it is taken */
export function newRevision(
  owner: KubeObject & { spec: { template: PodTemplateSpec } },
  revision: number,
  collisionCount: number,
): Draft<ControllerRevision> {
  const { template } = owner.spec
  const data = revisionData(template)
  const hash = hashRevision(data, collisionCount)
  return {
    metadata: {
      ...keyOf(owner),
      name: `${owner.metadata.name.slice(0, MAX_NAME_BASE)}-${hash}`,
      labels: { ...template.metadata.labels, [HASH_LABEL]: hash },
      ...(owner.metadata.annotations ? { annotations: owner.metadata.annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision,
  }
}

/** Over the JSON as v1.20 writes it, whose template has an empty creationTimestamp: of it there are recordings to compare with. */
function hashRevision(data: Data, collisionCount: number): string {
  const { template } = data.spec
  const written = { spec: { template: { ...template, metadata: { ...template.metadata, creationTimestamp: null } } } }
  const bytes = [...new TextEncoder().encode(goJson(written) + collisionCount)]
  return encodeSafe(String(fnv32(bytes)))
}

/** Unlike that of templates, which mixes before it multiplies. */
function fnv32(bytes: readonly number[]): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash, 0x01000193) ^ byte
  return hash >>> 0
}

/** JSON as Go writes a map: members sorted, and what HTML could mistake escaped. */
function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (isRecord(value)) {
    const members = Object.entries(value).filter(([, item]) => item !== undefined)
    members.sort(([a], [b]) => byText(a, b))
    return `{${members.map(([key, item]) => `${goJson(key)}:${goJson(item)}`).join(',')}}`
  }
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/**
 * Which revisions to delete: the oldest of those that nothing uses, down to the limit.
 * @param live names of revisions in use
 */
export function planTruncation(
  revisions: readonly ControllerRevision[],
  live: ReadonlySet<string>,
  limit: number,
): ControllerRevision[] {
  const unused = sortRevisions(revisions).filter(({ metadata }) => !live.has(metadata.name))
  return unused.slice(0, Math.max(0, unused.length - limit))
}

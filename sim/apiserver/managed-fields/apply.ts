/** Server-side apply. Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
import { printCompactJson } from '../../api/meta/go-json.ts'
import { isRecord } from '../../api/meta/json.ts'
import { definitionOf, type Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import {
  compareFields,
  difference,
  type FieldSet,
  fieldsOf,
  intersection,
  mergeFields,
  pathsOf,
  removeFields,
  unnamed,
} from '../../api/schema/field-set.ts'
import type { Version } from '../../etcd/etcd.ts'
import { beforeFirstApply, type Manager, managersOf } from './managers.ts'

export interface ApplyRequest {
  manager: string
  /** Takes over fields that others own. */
  force: boolean
}

/**
 * The live object with the configuration applied: what the manager applied before and left out now is gone, unless somebody
 * else owns it too.
 * @throws StatusError 409 naming each field that another manager owns and that would change
 */
export function serverSideApply(
  kind: Kind,
  version: Version | undefined,
  applied: KubeObject,
  request: ApplyRequest,
): KubeObject {
  const live = version?.value
  if (!live) return applied
  const known = managersOf(kind, version)
  const managers = known.length > 0 ? known : beforeFirstApply(definitionOf(kind), live, 0)
  const own = managers.find((manager) => manager.manager === request.manager && manager.operation === 'Apply')
  const others = managers.filter((manager) => manager !== own)
  const fields = fieldsOf(definitionOf(kind), applied)
  const merged = mergeFields(definitionOf(kind), live, applied)
  const { changed } = compareFields(definitionOf(kind), live, merged)
  const claimed = intersection(changed, fields) ?? {}
  if (!request.force) {
    const formerly = request.manager === KUBECTL ? appliedBefore(kind, live) : undefined
    refuseConflicts(kind, others, formerly ? (difference(claimed, formerly) ?? {}) : claimed)
  }
  let gone: FieldSet | undefined = own ? unnamed(own.fields, fields) : undefined
  for (const other of others) if (gone) gone = unnamed(gone, other.fields)
  const result = (gone ? removeFields(definitionOf(kind), merged, gone) : merged) as KubeObject
  const isRemembered = request.manager === KUBECTL && result.metadata.annotations?.[lastApplied]
  return {
    ...result,
    metadata: {
      ...result.metadata,
      ...(isRemembered ? { annotations: { ...result.metadata.annotations, [lastApplied]: remembered(applied) } } : {}),
      resourceVersion: applied.metadata.resourceVersion ?? live.metadata.resourceVersion,
    },
  }
}

/** Who may take over what client-side apply wrote, and for whom the server keeps it up to date. */
const KUBECTL = 'kubectl'
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** A configuration as client-side apply would remember it. Source: buildLastApplied of lastappliedupdater.go */
function remembered(applied: KubeObject): string {
  const { annotations, ...metadata } = applied.metadata
  const { [lastApplied]: _, ...others } = annotations ?? {}
  return `${printCompactJson({ ...applied, metadata: { ...metadata, ...(annotations ? { annotations: others } : {}) } })}\n`
}

/**
 * The fields that client-side apply set and that are still as it set them: kubectl takes them over without a conflict.
 * Source: k8s.io/apimachinery/pkg/util/managedfields/internal/lastappliedmanager.go
 */
function appliedBefore(kind: Kind, live: KubeObject): FieldSet | undefined {
  const written = live.metadata.annotations?.[lastApplied]
  if (!written) return undefined
  const config = parseJson(written)
  if (!isRecord(config) || config.apiVersion !== kind.apiVersion) return undefined
  const { changed, removed } = compareFields(definitionOf(kind), config, live)
  const same = difference(fieldsOf(definitionOf(kind), config), changed)
  return same && difference(same, removed)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Source: k8s.io/apimachinery/pkg/util/managedfields/internal/conflict.go */
function refuseConflicts(kind: Kind, others: readonly Manager[], changed: FieldSet): void {
  const conflicts = others
    .flatMap((other) => {
      const shared = intersection(changed, other.fields)
      return shared ? [{ who: describe(kind, other), paths: pathsOf(shared) }] : []
    })
    .sort((a, b) => (a.who < b.who ? -1 : 1))
  const all = conflicts.flatMap(({ who, paths }) => paths.map((path) => ({ who, path })))
  if (all.length === 0) return
  const causes = all.map(({ who, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${who}`,
    field: path,
  }))
  const described =
    all.length === 1
      ? [`conflict with ${all[0].who}: ${all[0].path}`]
      : conflicts.flatMap(({ who, paths }) => [`conflicts with ${who}:`, ...paths.map((path) => `- ${path}`)])
  const noun = all.length === 1 ? 'conflict' : 'conflicts'
  throw new StatusError(409, 'Conflict', `Apply failed with ${all.length} ${noun}: ${described.join('\n')}`, { causes })
}

/** `"kubectl-client-side-apply" using apps/v1`; who applied is named without the version. When it was is not told. */
function describe(kind: Kind, { manager, operation, subresource }: Manager): string {
  const who = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '')
  return operation === 'Apply' ? who : `${who} using ${kind.apiVersion}`
}

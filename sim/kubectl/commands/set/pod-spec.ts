/** Changes to the Pod template of workloads, or to Pods themselves: what the subcommands of `set` share. */
import type { Container, PodSpec } from '../../../api/core/pod-types.ts'
import { isMap } from '../../../api/meta/go-json.ts'
import { equalJson } from '../../../api/meta/json.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import { starMatcher } from '../../../text/star-pattern.ts'
import type { Invocation } from '../../command.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { namesFiles } from '../../manifests.ts'
import type { Found } from '../../resources.ts'
import { showTyped } from '../../results.ts'
import { findAllTargets, isLocal, recorded, sendChange } from '../../targets.ts'

interface Change {
  /** `image updated` */
  operation: string
  /** `image update`, for a refused patch. */
  what: string
  /** Whether objects that are so already are told of too. */
  tellsUnchanged?: boolean
  /** @throws KubectlError when the change does not fit the spec */
  apply(spec: PodSpec, found: Found): PodSpec
}

/** Applies a change to every object that the arguments name. */
export function changePodSpecs(invocation: Invocation, resources: readonly string[], change: Change): number {
  if (resources.length === 0 && !isLocal(invocation) && !namesFiles(invocation)) {
    throw new KubectlError('one or more resources must be specified as <resource> <name> or <resource>/<name>')
  }
  const errors: unknown[] = []
  for (const found of findAllTargets(invocation, resources)) {
    const { kind, object } = found
    try {
      const spec = podSpecOf(object)
      if (!spec)
        throw new KubectlError(
          `${kind.plural}/${object.metadata.name} the object is not a pod or does not have a pod template: *${kind.version}.${kind.kind}`,
        )
      const changed = withPodSpec(object, change.apply(spec, found))
      if (equalJson(object, changed) && !change.tellsUnchanged) continue
      showTyped(invocation, kind, sendChange(invocation, found, recorded(invocation, changed)), change.operation)
    } catch (error) {
      errors.push(
        error instanceof StatusError
          ? new KubectlError(
              `failed to patch ${change.what} to pod template${change.what === 'resources update' ? '' : ':'} ${error.message}`,
            )
          : error,
      )
    }
  }
  throwAll(errors)
  return 0
}

export function podSpecOf(object: KubeObject): PodSpec | undefined {
  const spec = (object as { spec?: unknown }).spec
  if (!isMap(spec)) return undefined
  if (object.kind === 'Pod') return spec as unknown as PodSpec
  if (object.kind === 'CronJob') return podSpecOf(jobOf(object))
  return isMap(spec.template) && isMap(spec.template.spec) ? (spec.template.spec as unknown as PodSpec) : undefined
}

/** What a CronJob makes, as if it were made. */
const jobOf = (object: KubeObject): KubeObject => {
  const { jobTemplate } = (object as unknown as { spec: { jobTemplate: { spec: unknown } } }).spec
  return { ...object, kind: 'Job', spec: jobTemplate.spec } as KubeObject
}

function withPodSpec(object: KubeObject, podSpec: PodSpec): KubeObject {
  const { spec } = object as unknown as { spec: Record<string, unknown> }
  if (object.kind === 'Pod') return { ...object, spec: podSpec } as KubeObject
  if (object.kind === 'CronJob') {
    const job = withPodSpec(jobOf(object), podSpec) as KubeObject & { spec: unknown }
    return {
      ...object,
      spec: { ...spec, jobTemplate: { ...(spec.jobTemplate as object), spec: job.spec } },
    } as KubeObject
  }
  const template = { ...(spec.template as object), spec: podSpec }
  return { ...object, spec: { ...spec, template } } as KubeObject
}

/**
 * Changes the containers and init containers that a pattern selects; `*` in it stands for any characters.
 * @param onNone called when it selects none
 */
export function changeContainers(
  spec: PodSpec,
  pattern: string,
  change: (container: Container) => Container,
  onNone: () => void,
): PodSpec {
  const isMeant = starMatcher(pattern)
  let count = 0
  const each = (list: Container[] | undefined): Container[] | undefined =>
    list?.map((container) => {
      if (!isMeant(container.name)) return container
      count++
      return change(container)
    })
  const containers = each(spec.containers) ?? []
  const initContainers = each(spec.initContainers)
  if (count === 0) onNone()
  return { ...spec, containers, ...(initContainers ? { initContainers } : {}) }
}

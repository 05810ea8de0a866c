/** Subresources by which a Pod is changed: `resize` and `ephemeralcontainers`. Source: kubernetes/pkg/registry/core/pod/strategy.go */

import { charge } from '../../../engine/work.ts'
import { type FieldError, forbiddenField, invalid } from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import type { Kind } from '../../meta/kind.ts'
import { validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import type { Container, Pod } from '../pod-types.ts'
import { isSidecar, qosClass } from './resources.ts'
import { validateMetadataAndSpec } from './validation.ts'

const MIRROR = 'kubernetes.io/config.mirror'

export const podUpdates: Kind<Pod>['updates'] = {
  resize: { prepare: prepareResize, validate: validateResize },
  ephemeralcontainers: { prepare: prepareEphemeralContainers, validate: validateEphemeralContainersUpdate },
}

/** Only what containers ask for is taken over. */
function prepareResize(pod: Pod, old: Pod): void {
  const resized = (containers: Container[] | undefined, olds: Container[] | undefined) =>
    olds?.map((container) => {
      charge((containers?.length ?? 0) / 8)
      const asked = containers?.find(({ name }) => name === container.name)
      if (!asked) return container
      const { resizePolicy: _, ...others } = container
      return {
        ...others,
        resources: asked.resources,
        ...(asked.resizePolicy ? { resizePolicy: asked.resizePolicy } : {}),
      }
    })
  const names = (containers: Container[] | undefined) => containers?.map(({ name }) => name) ?? []
  const isReordered = !equalJson(names(pod.spec.containers), names(old.spec.containers))
  const { initContainers } = old.spec
  pod.spec = {
    ...old.spec,
    // Left as asked, for validation to refuse.
    containers: isReordered ? pod.spec.containers : resized(pod.spec.containers, old.spec.containers)!,
    ...(initContainers ? { initContainers: resized(pod.spec.initContainers, initContainers) } : {}),
  }
  pod.metadata = { ...old.metadata }
  pod.status = old.status
}

/** Source: ValidatePodResize in kubernetes/pkg/apis/core/validation/validation.go */
function validateResize(pod: Pod, old: Pod): FieldError[] {
  const errors = [...validateObjectMetaUpdate(pod.metadata, old.metadata), ...validateMetadataAndSpec(pod)]
  if (old.metadata.annotations?.[MIRROR]) return [...errors, forbiddenField('', 'static pods cannot be resized')]
  const olds = old.spec.containers
  if (pod.spec.containers.some(({ name }, i) => name !== olds[i]?.name) || pod.spec.containers.length !== olds.length)
    return [...errors, forbiddenField('spec.containers', 'containers may not be renamed or reordered on resize')]
  if ((old.status.qosClass ?? qosClass(old)) !== qosClass(pod))
    errors.push(
      invalid('spec', old.status.qosClass ?? qosClass(old), 'Pod QOS Class may not change as a result of resizing'),
    )
  const check = (container: Container, before: Container, path: string): void => {
    for (const list of ['limits', 'requests'] as const) {
      const isRemoved = ['cpu', 'memory'].some(
        (name) => before.resources[list]?.[name] !== undefined && container.resources[list]?.[name] === undefined,
      )
      if (isRemoved) errors.push(forbiddenField(`${path}.resources.${list}`, `resource ${list} cannot be removed`))
    }
  }
  for (const [i, before] of olds.entries()) check(pod.spec.containers[i], before, `spec.containers[${i}]`)
  const inits = old.spec.initContainers ?? []
  inits.forEach((before, i) => {
    const container = pod.spec.initContainers![i]
    if (isSidecar(before)) check(container, before, `spec.initContainers[${i}]`)
    else if (!equalJson(container.resources, before.resources))
      errors.push(
        forbiddenField(
          `spec.initContainers[${i}].resources`,
          'resources for non-sidecar init containers are immutable',
        ),
      )
  })
  if (!equalJson(withoutCpuAndMemory(pod), withoutCpuAndMemory(old)))
    errors.push(forbiddenField('spec', 'only cpu and memory resources are mutable'))
  return errors
}

function withoutCpuAndMemory({ spec }: Pod): unknown {
  const strip = (container: Container) => {
    const kept = (list: Record<string, string> | undefined) =>
      Object.fromEntries(Object.entries(list ?? {}).filter(([name]) => name !== 'cpu' && name !== 'memory'))
    const { limits, requests, ...others } = container.resources
    return { ...container, resources: { ...others, limits: kept(limits), requests: kept(requests) } }
  }
  return {
    ...spec,
    containers: spec.containers.map(strip),
    initContainers: (spec.initContainers ?? []).map((container) =>
      isSidecar(container) ? strip(container) : container,
    ),
  }
}

function prepareEphemeralContainers(pod: Pod, old: Pod): void {
  const { ephemeralContainers } = pod.spec
  const { ephemeralContainers: _, ...spec } = old.spec
  pod.spec = ephemeralContainers?.length ? { ...spec, ephemeralContainers } : spec
  pod.metadata = { ...old.metadata }
  pod.status = old.status
}

/** They may be added; those that are there stay as they are. Source: ValidatePodEphemeralContainersUpdate */
function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = [...validateObjectMetaUpdate(pod.metadata, old.metadata), ...validateMetadataAndSpec(pod)]
  if (old.metadata.annotations?.[MIRROR])
    return [...errors, forbiddenField('', 'static pods do not support ephemeral containers')]
  const path = 'spec.ephemeralContainers'
  for (const before of old.spec.ephemeralContainers ?? []) {
    charge((pod.spec.ephemeralContainers?.length ?? 0) / 8)
    const index = (pod.spec.ephemeralContainers ?? []).findIndex(({ name }) => name === before.name)
    if (index < 0)
      errors.push(forbiddenField(path, `existing ephemeral containers "${before.name}" may not be removed\n`))
    else if (!equalJson(pod.spec.ephemeralContainers![index], before))
      errors.push(forbiddenField(path, `existing ephemeral containers "${before.name}" may not be changed\n`))
  }
  return errors
}

/** Pods of a controller that somebody changed by themselves: they run something else than their template says, and its object is as it was. */
import type { Pod } from '../../../api/core/pod-types.ts'
import { controllerOf, type KubeObject } from '../../../api/meta/object.ts'
import { said } from '../../../engine/said.ts'
import type { Snapshot } from '../history.ts'
import { isOfFiles } from './names.ts'

/**
 * What was written by hand into a Pod that a controller had made, since that moment, and still stands: images, resources, tolerations, or how long it
 * may run, which are what a Pod's spec lets be changed. Source: kubernetes/pkg/apis/core/validation/validation.go, ValidatePodUpdate.
 * @returns in words; undefined for nothing
 */
export function changeInPlace(
  snapshot: Snapshot,
  object: KubeObject,
  sinceMs: number,
  called: string,
): string | undefined {
  if (!controllerOf(object) || isOfFiles(object)) return undefined
  let first: KubeObject | undefined
  for (const { before, isByHand, atMs } of snapshot.versions('pods', object)) {
    if (atMs <= sinceMs) break
    if (isByHand && before) first = before
  }
  if (!first) return undefined
  const [then, now] = [madeToRun(first as Pod), madeToRun(object as Pod)]
  const field = [...now.keys(), ...then.keys()].find((one) => now.get(one) !== then.get(one))
  return field && said`${called} was changed in place: ${field}`
}

/** By the path of a field. */
function madeToRun({ spec }: Pod): ReadonlyMap<string, string> {
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  const text = (value: unknown): string => JSON.stringify(value) ?? ''
  return new Map([
    ...containers.flatMap(({ name, image, resources }): [string, string][] => [
      [`containers.${name}.image`, text(image)],
      [`containers.${name}.resources`, text(resources)],
    ]),
    ['tolerations', text(spec.tolerations)],
    ['activeDeadlineSeconds', text(spec.activeDeadlineSeconds)],
  ])
}

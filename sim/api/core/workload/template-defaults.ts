/** What the server fills into the Pod template of a workload. */
import { applyPodSpecDefaults } from '../pod/defaults.ts'
import type { PodSpec, PodTemplateSpec } from '../pod-types.ts'

export function applyTemplateDefaults(owner: { template: PodTemplateSpec }): void {
  owner.template ??= {} as PodTemplateSpec
  owner.template.metadata ??= {}
  owner.template.spec ??= {} as PodSpec
  owner.template.spec.containers ??= []
  applyPodSpecDefaults(owner.template.spec)
}

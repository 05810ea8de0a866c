/**
 * PodSecurity: Pods keep to the level that their Namespace enforces; one that audits or warns only tells. No exemptions.
 * Source: k8s.io/pod-security-admission/admission/admission.go.
 * Simplified: there is no audit log, so the mode `audit` is read and tells nobody.
 */
import { namespaces } from '../../api/core/namespace.ts'
import { pods } from '../../api/core/pod.ts'
import type { Container, Pod, PodTemplateSpec } from '../../api/core/pod-types.ts'
import type { Namespace } from '../../api/core/types.ts'
import { invalidObject } from '../../api/meta/field-error.ts'
import { equalJson } from '../../api/meta/json.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { type PodLike, printDetails, printReasons, violationsOf } from './pod-security/checks.ts'
import {
  compareLevels,
  isSamePolicy,
  type LevelVersion,
  type Policy,
  policyOf,
  printLevelVersion,
} from './pod-security/policy.ts'

export const podSecurityAdmission: AdmissionPlugin = {
  name: 'PodSecurity',
  validate(request, context) {
    if (request.operation === 'DELETE') return
    if (request.kind === namespaces) {
      if (!request.subresource) checkNamespace(request, context)
      return
    }
    if (!request.namespace) return
    const template = request.kind === pods ? (request.object as Pod) : templateOf(request)
    if (!template) return
    const namespace = context.find(namespaces, { namespace: '', name: request.namespace })
    const { policy } = policyOf(namespace?.metadata.labels)
    if (request.kind === pods) checkPod(request, template, policy)
    else warnOf(request, template, policy)
  },
}

function checkNamespace(request: AdmissionRequest, context: AdmissionContext): void {
  const { metadata } = request.object as Namespace
  const { policy, errors } = policyOf(metadata.labels)
  const old = policyOf((request.old as Namespace | undefined)?.metadata.labels)
  if (errors.length > 0 && !(request.old && equalJson(errors, old.errors)))
    throw invalidObject('', 'Namespace', metadata.name, errors)
  if (!request.old) return
  const { enforce } = policy
  const former = old.policy.enforce
  if (isSamePolicy(enforce, former) || enforce.level === 'privileged') return
  if (enforce.minor === former.minor && compareLevels(enforce.level, former.level) < 0) return
  for (const warning of warningsOfPods(metadata.name, enforce, context.list(pods, metadata.name))) request.warn(warning)
}

/** Pods that are there already stay, and are told of: those with the same faults in one line, under the first one's name. */
function warningsOfPods(namespace: string, enforce: LevelVersion, existing: readonly Pod[]): string[] {
  const namesByFault = new Map<string, string[]>()
  for (const pod of existing) {
    const fault = printReasons(violationsOf(enforce, pod))
    if (fault) namesByFault.set(fault, [...(namesByFault.get(fault) ?? []), pod.metadata.name])
  }
  if (namesByFault.size === 0) return []
  const lines = [...namesByFault].map(([fault, names]) => {
    const others = names.length - 1
    const more = others === 0 ? '' : ` (and ${others} other ${others === 1 ? 'pod' : 'pods'})`
    return `${names.sort()[0]}${more}: ${fault}`
  })
  return [
    `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${printLevelVersion(enforce)}"`,
    ...lines.sort(),
  ]
}

function checkPod(request: AdmissionRequest, pod: PodLike, policy: Policy): void {
  if (request.old && !isSignificantUpdate(request.object as Pod, request.old as Pod)) return
  const violations = violationsOf(policy.enforce, pod)
  if (violations.length > 0)
    throw forbidden(
      'pods',
      request.name,
      `violates PodSecurity "${printLevelVersion(policy.enforce)}": ${printDetails(violations)}`,
    )
  warnOf(request, pod, policy)
}

function warnOf(request: AdmissionRequest, pod: PodLike, { warn }: Policy): void {
  const violations = violationsOf(warn, pod)
  if (violations.length > 0)
    request.warn(`would violate PodSecurity "${printLevelVersion(warn)}": ${printDetails(violations)}`)
}

/** What the object makes Pods from; undefined when it makes none, or when it is written through a subresource. */
function templateOf({ object, subresource }: AdmissionRequest): PodTemplateSpec | undefined {
  if (subresource) return undefined
  const { spec } = object as KubeObject & {
    spec?: { template?: PodTemplateSpec; jobTemplate?: { spec: { template: PodTemplateSpec } } }
  }
  return spec?.jobTemplate?.spec.template ?? (spec?.template?.spec ? spec.template : undefined)
}

/** Most of a Pod cannot change; of what can, images and new ephemeral containers matter. */
function isSignificantUpdate(pod: Pod, old: Pod): boolean {
  const imagesOf = (containers: readonly Container[] = []): string[] => containers.map(({ image }) => image)
  if (!equalJson(imagesOf(pod.spec.containers), imagesOf(old.spec.containers))) return true
  if (!equalJson(imagesOf(pod.spec.initContainers), imagesOf(old.spec.initContainers))) return true
  return (pod.spec.ephemeralContainers ?? []).some(
    ({ name, image }) => old.spec.ephemeralContainers?.find((known) => known.name === name)?.image !== image,
  )
}

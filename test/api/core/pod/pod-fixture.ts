/** Pods to test with. The one place that knows how a kind is asked. */
import { pods } from '../../../../sim/api/core/pod.ts'
import type { Pod } from '../../../../sim/api/core/pod-types.ts'
import { messageOf } from '../../../../sim/api/meta/field-error.ts'
import type { StrategyContext } from '../../../../sim/api/meta/kind.ts'

/** A Pod as a user writes it, with the parts given. */
export function draftPod(spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): Pod {
  return structuredClone({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      namespace: 'default',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-11-20T08:00:00Z',
      ...metadata,
    },
    spec: { containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec },
  }) as unknown as Pod
}

/** A Pod as the server stores it. */
export function storedPod(spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): Pod {
  const pod = draftPod(spec, metadata)
  pods.applyDefaults(pod)
  pods.prepareForCreate(pod, context)
  return pod
}

export const context: StrategyContext = {
  now: '2026-11-20T08:00:00Z',
  user: { name: 'tester', groups: [] },
  namespaceLabels: () => ({}),
}

/** What the server says of a Pod with this spec. */
export const podErrors = (spec: Record<string, unknown>, metadata: Record<string, unknown> = {}): string[] =>
  pods.validate(storedPod(spec, metadata)).map(messageOf)

export const updateErrors = (change: (pod: Pod) => void, spec: Record<string, unknown> = {}): string[] => {
  const old = storedPod(spec)
  const pod = structuredClone(old)
  change(pod)
  return pods.validateUpdate(pod, old).map(messageOf)
}

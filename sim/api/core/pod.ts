/** Pod, core/v1. */
import type { Kind } from '../meta/kind.ts'
import { podColumns } from './pod/columns.ts'
import { applyPodDefaults } from './pod/defaults.ts'
import { notSimulatedPodSpec } from './pod/not-simulated.ts'
import { prepareForCreate, prepareForStatusUpdate, prepareForUpdate } from './pod/strategy.ts'
import { podUpdates } from './pod/subresources.ts'
import { validatePod, validatePodStatusUpdate, validatePodUpdate } from './pod/validation.ts'
import { podWarnings } from './pod/warnings.ts'
import type { Pod } from './pod-types.ts'

export const pods: Kind<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.Pod',
  applyDefaults: applyPodDefaults,
  prepareForCreate,
  prepareForUpdate,
  prepareForStatusUpdate,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  updates: podUpdates,
  hasStatus: true,
  generationOf: (pod) => pod.spec,
  warnings: podWarnings,
  gracePeriodSeconds: (pod, requested) => {
    // Nothing runs yet, or nothing runs any more: nobody would end the wait.
    if (!pod.spec.nodeName || pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') return 0
    const seconds = requested ?? pod.spec.terminationGracePeriodSeconds
    return seconds < 0 ? 1 : seconds
  },
  columns: podColumns,
  selectableFields: (pod) => ({
    'spec.nodeName': pod.spec.nodeName ?? '',
    'spec.restartPolicy': pod.spec.restartPolicy ?? '',
    'spec.schedulerName': pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(pod.spec.hostNetwork ?? false),
    'status.phase': pod.status?.phase ?? '',
    'status.podIP': pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '',
    'status.nominatedNodeName': pod.status?.nominatedNodeName ?? '',
  }),
  notSimulated: notSimulatedPodSpec('spec'),
}

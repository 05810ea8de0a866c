/** Writes into the status of a ValidatingAdmissionPolicy what its expressions get wrong. Source: kubernetes/pkg/controller/validatingadmissionpolicystatus */

import { validatingAdmissionPolicies } from '../../api/admissionregistration/validating-admission-policy.ts'
import { customResourceDefinitions } from '../../api/apiextensions/custom-resource-definition.ts'
import { kinds } from '../../api/registry.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createCustomKinds } from '../custom-kinds.ts'
import { createListening } from '../handlers.ts'
import { expressionWarnings } from './type-check.ts'

export const validatingAdmissionPolicyStatusController: ControllerSpec = {
  name: 'validatingadmissionpolicy-status-controller',
  serviceAccount: 'validatingadmissionpolicy-status-controller',
  watches: [validatingAdmissionPolicies, customResourceDefinitions],
  start,
}

function start({ client, engine, informers, queue: createQueue }: ComponentContext): RunningComponent {
  const informer = informers.informer(validatingAdmissionPolicies)
  const custom = createCustomKinds(informers)
  const queue = createQueue({
    name: 'validatingadmissionpolicy-status',
    metricName: 'validatingadmissionpolicy-status',
    reconcile,
  })

  function reconcile(name: string): void {
    const policy = informer.get({ namespace: '', name })
    const { generation = 0 } = policy?.metadata ?? {}
    if (!policy || generation <= (policy.status?.observedGeneration ?? 0)) return
    // Types are named by the moment's nanoseconds.
    const serial = Math.floor((engine.epochMs % 1000) * 1_000_000)
    const warnings = expressionWarnings(policy, [...kinds, ...custom.preferred()], custom.find, serial)
    const typeChecking = warnings.length > 0 ? { expressionWarnings: warnings } : {}
    client.updateStatus(validatingAdmissionPolicies, {
      ...policy,
      status: { ...policy.status, observedGeneration: generation, typeChecking },
    })
  }

  const listening = createListening(() => queue.stop())
  listening.on(informer, {
    onAdd: ({ metadata }) => queue.add(metadata.name),
    onUpdate: ({ metadata }) => queue.add(metadata.name),
  })
  return listening
}

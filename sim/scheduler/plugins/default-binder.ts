/** Binds by a POST to the Pod's binding subresource. Source: defaultbinder/default_binder.go */
import { pods } from '../../api/core/pod.ts'
import { keyOf } from '../../api/meta/object.ts'
import type { Client } from '../../client/client.ts'
import type { SchedulerPlugin } from '../framework.ts'

export const defaultBinder = (client: Client): SchedulerPlugin => ({
  name: 'DefaultBinder',
  bind({ info }, node) {
    const { namespace, name, uid } = info.pod.metadata
    client.createSubresource(pods, keyOf(info.pod), 'binding', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace, name, uid },
      target: { kind: 'Node', name: node.name },
    })
    return true
  },
})

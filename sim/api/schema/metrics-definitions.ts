/**
 * The schemas of metrics.k8s.io/v1beta1, which the add-on metrics-server serves: they are no part of the API's own table.
 * Source: k8s.io/metrics/pkg/apis/metrics/v1beta1/types.go
 */
import type { Schema } from './types.ts'

const PREFIX = 'io.k8s.metrics.pkg.apis.metrics.v1beta1'
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

const usage: Schema = {
  description: 'How much of each resource is used. Memory is what cannot be taken back: the working set.',
  type: 'object',
  additionalProperties: { $ref: 'io.k8s.apimachinery.pkg.api.resource.Quantity' },
}

const typeFields = (kind: string): Record<string, Schema> => ({
  apiVersion: { type: 'string', enum: ['metrics.k8s.io/v1beta1'] },
  kind: { type: 'string', enum: [kind] },
})

const metrics = (kind: string, what: string, measured: Record<string, Schema>): Record<string, Schema> => ({
  [`${PREFIX}.${kind}`]: {
    description: `What a ${what} uses.`,
    type: 'object',
    properties: {
      ...typeFields(kind),
      metadata: { $ref: `${META}.ObjectMeta` },
      timestamp: { description: 'When the time ended in which it was measured.', $ref: `${META}.Time` },
      window: { description: 'How long it was measured.', type: 'string' },
      ...measured,
    },
    required: ['timestamp', 'window', ...Object.keys(measured)],
  },
  [`${PREFIX}.${kind}List`]: {
    description: `What each ${what} uses.`,
    type: 'object',
    properties: {
      ...typeFields(`${kind}List`),
      metadata: { $ref: `${META}.ListMeta` },
      items: { description: `One for each ${what}.`, type: 'array', items: { $ref: `${PREFIX}.${kind}` } },
    },
    required: ['items'],
  },
})

export const metricsDefinitions: Readonly<Record<string, Schema>> = {
  ...metrics('NodeMetrics', 'node', { usage }),
  ...metrics('PodMetrics', 'Pod', {
    containers: {
      description: 'What each container uses, all measured in the same time.',
      type: 'array',
      items: { $ref: `${PREFIX}.ContainerMetrics` },
    },
  }),
  [`${PREFIX}.ContainerMetrics`]: {
    description: 'What a container uses.',
    type: 'object',
    properties: { name: { description: 'The name of the container in the Pod.', type: 'string' }, usage },
    required: ['name', 'usage'],
  },
}

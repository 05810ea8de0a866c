/** PodMetrics and NodeMetrics, metrics.k8s.io/v1beta1: what the add-on metrics-server serves. */
import { answeredKind, type Kind } from '../meta/kind.ts'
import type { KubeObject } from '../meta/object.ts'
import { column, nameColumn } from '../meta/table.ts'
import type { NodeMetrics, PodMetrics } from './types.ts'

const metrics = <T extends KubeObject & { window: string }>(
  kind: string,
  plural: string,
  isNamespaced: boolean,
): Kind<T> => ({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind,
  plural,
  singular: '',
  ...answeredKind,
  shortNames: [],
  isNamespaced,
  apiVersion: 'metrics.k8s.io/v1beta1',
  schema: `io.k8s.metrics.pkg.apis.metrics.v1beta1.${kind}`,
  columns: [nameColumn, column<T>('Window', 'string', 'How long was measured.', ({ window }) => window)],
})

export const podMetrics = metrics<PodMetrics>('PodMetrics', 'pods', true)
export const nodeMetrics = metrics<NodeMetrics>('NodeMetrics', 'nodes', false)

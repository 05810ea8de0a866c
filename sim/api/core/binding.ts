/** A Binding: gives a Pod its node, and is never stored. It can be posted to the Pod, or on its own. Source: kubernetes/pkg/registry/core/pod/storage LegacyBindingREST */
import { answeredKind, type Kind } from '../meta/kind.ts'
import type { KubeObject } from '../meta/object.ts'
import { nameColumn } from '../meta/table.ts'

export interface Binding extends KubeObject {
  target: { kind?: string; name?: string; namespace?: string; apiVersion?: string; uid?: string }
}

export const bindings: Kind<Binding> = {
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  singular: 'binding',
  ...answeredKind,
  shortNames: [],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.Binding',
  columns: [nameColumn],
}

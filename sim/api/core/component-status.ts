/** ComponentStatus, core/v1: whether the parts of the control plane answer, asked when somebody looks. Source: kubernetes/pkg/registry/core/componentstatus */
import { answeredKind, type Kind } from '../meta/kind.ts'
import type { KubeObject } from '../meta/object.ts'
import { column, nameColumn } from '../meta/table.ts'

export interface ComponentStatus extends KubeObject {
  conditions: readonly { type: 'Healthy'; status: 'True' | 'False'; message?: string; error?: string }[]
}

export const componentStatuses: Kind<ComponentStatus> = {
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  singular: 'componentstatus',
  ...answeredKind,
  shortNames: ['cs'],
  isNamespaced: false,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.ComponentStatus',
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn,
    column('Status', 'string', 'Whether it answers that all is well.', ({ conditions: [{ status }] }) =>
      status === 'True' ? 'Healthy' : 'Unhealthy',
    ),
    column('Message', 'string', 'What it answers.', ({ conditions: [{ message = '' }] }) => message),
    column('Error', 'string', 'What went wrong while it was asked.', ({ conditions: [{ error = '' }] }) => error),
  ],
}

/** The schema of a GatewayClass. Source: sigs.k8s.io/gateway-api v1.6.1, config/crd/standard */
import type { JsonSchema } from '../../../api/apiextensions/types.ts'
import {
  conditions,
  controllerName,
  group,
  keyedList,
  kind,
  namespace,
  object,
  objectName,
  pending,
  rule,
  text,
  withDefault,
} from './shapes.ts'

const spec = object(
  {
    controllerName: {
      ...controllerName,
      'x-kubernetes-validations': [rule('self == oldSelf', 'field is immutable')],
    },
    description: text(undefined, 64),
    parametersRef: object({ group, kind, name: objectName, namespace }, ['group', 'kind', 'name']),
  },
  ['controllerName'],
)

const status = object({
  conditions: withDefault(conditions, pending('Accepted')),
  supportedFeatures: keyedList('name', object({ name: { type: 'string' } }, ['name']), { most: 64 }),
})

export const gatewayClassFields: Record<string, JsonSchema> = {
  spec,
  status: withDefault(status, { conditions: pending('Accepted') }),
}

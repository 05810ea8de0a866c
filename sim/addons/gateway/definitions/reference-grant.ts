/** The schema of a ReferenceGrant. Source: sigs.k8s.io/gateway-api v1.6.1, config/crd/standard */
import type { JsonSchema } from '../../../api/apiextensions/types.ts'
import { atomicList, group, kind, namespace, object, objectName } from './shapes.ts'

export const referenceGrantFields: Record<string, JsonSchema> = {
  spec: object(
    {
      from: atomicList(object({ group, kind, namespace }, ['group', 'kind', 'namespace']), { least: 1, most: 16 }),
      to: atomicList(object({ group, kind, name: objectName }, ['group', 'kind']), { least: 1, most: 16 }),
    },
    ['from', 'to'],
  ),
}

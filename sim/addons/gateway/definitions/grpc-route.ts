/** The schema of a GRPCRoute. Source: sigs.k8s.io/gateway-api v1.6.1, config/crd/standard */
import type { JsonSchema, ValidationRule } from '../../../api/apiextensions/types.ts'
import {
  backendRefs,
  commonFilters,
  filterList,
  hostnames,
  namedMatches,
  parentRefs,
  routeStatus,
  totalMatches,
} from './routes.ts'
import { atomicList, object, oneOf, rule, sectionName, text, withDefault } from './shapes.ts'

const filters = filterList(
  commonFilters,
  ['ResponseHeaderModifier', 'RequestHeaderModifier', 'RequestMirror', 'ExtensionRef'],
  ['RequestHeaderModifier', 'ResponseHeaderModifier'],
)

const spelled = (field: string, pattern: string): ValidationRule =>
  rule(
    `(!has(self.type) || self.type == 'Exact') && has(self.${field}) ? self.${field}.matches(r"""${pattern}"""): true`,
    `${field} must only contain valid characters (matching ${pattern})`,
  )

const method = object(
  {
    method: text(undefined, 1024),
    service: text(undefined, 1024),
    type: withDefault(oneOf('Exact', 'RegularExpression'), 'Exact'),
  },
  [],
  rule(
    'has(self.type) ? has(self.service) || has(self.method) : true',
    "One or both of 'service' or 'method' must be specified",
  ),
  spelled('service', '^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$'),
  spelled('method', '^[A-Za-z_][A-Za-z_0-9]*$'),
)

const rules = atomicList(
  object({
    backendRefs: backendRefs(filters),
    filters,
    matches: atomicList(object({ headers: namedMatches(4096), method }), { most: 64 }),
    name: sectionName,
  }),
  { most: 16 },
  totalMatches((n) => `(has(self[${n}].matches) ? self[${n}].matches.size() : 0)`),
)

export const grpcRouteFields: Record<string, JsonSchema> = {
  spec: object({ hostnames, parentRefs, rules }),
  status: routeStatus,
}

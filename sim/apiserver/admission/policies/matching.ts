/** Which requests a policy or its binding is about. Source: k8s.io/apiserver/pkg/admission/plugin/policy/matching */
import type { MatchResources, ResourceRule } from '../../../api/admissionregistration/types.ts'
import { customResourceDefinitions } from '../../../api/apiextensions/custom-resource-definition.ts'
import { namespaces } from '../../../api/core/namespace.ts'
import type { Kind } from '../../../api/meta/kind.ts'
import { selectorMatches } from '../../../api/meta/label-selector.ts'
import { kinds } from '../../../api/registry.ts'
import type { AdmissionContext, AdmissionRequest } from '../admission.ts'

/** Nobody may be locked out of the policies themselves. */
export const EXEMPT_GROUP = 'admissionregistration.k8s.io'

export function matches(match: MatchResources, request: AdmissionRequest, context: AdmissionContext): boolean {
  const { resourceRules = [], excludeResourceRules = [], matchPolicy = 'Equivalent' } = match
  const isNamed = (rules: readonly ResourceRule[]) =>
    rules.some((rule) => ruleMatches(rule, request, matchPolicy, context))
  return (
    namespaceMatches(match, request, context) &&
    objectMatches(match, request) &&
    !isNamed(excludeResourceRules) &&
    (resourceRules.length === 0 || isNamed(resourceRules))
  )
}

/** Objects without a namespace match, unless they are namespaces: then their own labels decide. */
function namespaceMatches({ namespaceSelector }: MatchResources, request: AdmissionRequest, context: AdmissionContext) {
  if (!namespaceSelector || Object.keys(namespaceSelector).length === 0) return true
  if (request.kind === (namespaces as unknown as Kind)) {
    const one = request.operation === 'DELETE' ? request.old : request.object
    return selectorMatches(namespaceSelector, one?.metadata.labels ?? {})
  }
  if (request.namespace === '') return true
  const namespace = context.find(namespaces, { namespace: '', name: request.namespace })
  return selectorMatches(namespaceSelector, namespace?.metadata.labels ?? {})
}

function objectMatches({ objectSelector }: MatchResources, { object, old }: AdmissionRequest): boolean {
  if (!objectSelector || Object.keys(objectSelector).length === 0) return true
  return [object, old].some((one) => one !== undefined && selectorMatches(objectSelector, one.metadata.labels ?? {}))
}

/** Source: k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules */
function ruleMatches(
  rule: ResourceRule,
  request: AdmissionRequest,
  matchPolicy: string,
  context: AdmissionContext,
): boolean {
  const { kind, operation, subresource, name } = request
  const has = (values: readonly string[] | undefined, value: string) =>
    values?.includes('*') === true || values?.includes(value) === true
  // The same objects in another version of their group are equivalent.
  const isVersion =
    has(rule.apiVersions, kind.version) ||
    (matchPolicy === 'Equivalent' && otherVersions(kind, context).some((version) => rule.apiVersions.includes(version)))
  const isScope =
    !rule.scope ||
    rule.scope === '*' ||
    (rule.scope === 'Namespaced') === (kind.isNamespaced && request.namespace !== '')
  const isResource = rule.resources.some((text) => {
    const [resource, part = ''] = text.split('/')
    return (resource === '*' || resource === kind.plural) && (part === '*' || part === subresource)
  })
  const names = rule.resourceNames ?? []
  return (
    has(rule.operations, operation) &&
    has(rule.apiGroups, kind.group) &&
    isVersion &&
    isScope &&
    isResource &&
    (names.length === 0 || names.includes(name))
  )
}

/** The other versions in which the same objects are served. */
function otherVersions({ group, version, kind, plural, custom }: Kind, context: AdmissionContext): readonly string[] {
  if (!custom)
    return kinds
      .filter((other) => other.group === group && other.kind === kind && other.version !== version)
      .map((other) => other.version)
  const definition = context.find(customResourceDefinitions, { namespace: '', name: `${plural}.${group}` })
  return (definition?.spec.versions ?? [])
    .filter(({ name, served }) => served && name !== version)
    .map(({ name }) => name)
}

/** The version of a custom resource in which the rules know it; undefined where they know the one that was sent. */
export function equivalentVersion(
  rules: readonly ResourceRule[],
  { kind }: AdmissionRequest,
  context: AdmissionContext,
): string | undefined {
  const named = rules.flatMap(({ apiVersions }) => apiVersions)
  if (!kind.custom || named.includes('*') || named.includes(kind.version)) return undefined
  return otherVersions(kind, context).find((version) => named.includes(version))
}

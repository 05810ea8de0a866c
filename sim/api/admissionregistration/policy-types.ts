/** The types of what an expression of a policy may read. Source: k8s.io/apiserver/pkg/admission/plugin/cel/compile.go */
import type { CelTypes } from '../cel/checker.ts'
import { libraryType } from '../cel/signatures.ts'
import { BOOL, type CelType, DYN, INT, listType, mapType, objectType, SIMPLE, STRING } from '../cel/types.ts'

const strings = (...names: string[]): Record<string, CelType> => Object.fromEntries(names.map((name) => [name, STRING]))
const texts = mapType(STRING, STRING)
const timestamp = SIMPLE.timestamp!

const gvk = objectType('kubernetes.GroupVersionKind', strings('group', 'version', 'kind'))
const gvr = objectType('kubernetes.GroupVersionResource', strings('group', 'version', 'resource'))

const request = objectType('kubernetes.AdmissionRequest', {
  ...{ kind: gvk, resource: gvr, requestKind: gvk, requestResource: gvr },
  ...strings('subResource', 'requestSubResource', 'name', 'namespace', 'operation'),
  userInfo: objectType('kubernetes.UserInfo', {
    ...strings('username', 'uid'),
    groups: listType(STRING),
    extra: mapType(STRING, listType(STRING)),
  }),
  dryRun: BOOL,
  options: DYN,
})

const namespaceObject = objectType('kubernetes.Namespace', {
  metadata: objectType('kubernetes.NamespaceMetadata', {
    ...strings('name', 'generateName', 'namespace', 'UID', 'resourceVersion'),
    ...{ labels: texts, annotations: texts, finalizers: listType(STRING) },
    ...{ creationTimestamp: timestamp, deletionTimestamp: timestamp },
    ...{ deletionGracePeriodSeconds: INT, generation: INT },
  }),
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: listType(STRING) }),
  status: objectType('kubernetes.NamespaceStatus', {
    conditions: listType(
      objectType('kubernetes.NamespaceCondition', {
        ...strings('status', 'type', 'message', 'reason'),
        lastTransitionTime: timestamp,
      }),
    ),
    phase: STRING,
  }),
})

export const requestTypes: CelTypes = {
  request,
  namespaceObject,
  authorizer: libraryType('Authorizer'),
  'authorizer.requestResource': libraryType('ResourceCheck'),
}

/** With the variables of the policy that are known so far. */
export const withVariables = (types: CelTypes, variables: Readonly<Record<string, CelType>>): CelTypes => ({
  ...types,
  variables: objectType('kubernetes.variables', variables),
})

/** What the server says of roles and bindings. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, type RefusedChange, updateErrorsOf } from '../stored.ts'

const rule = (part: object = {}) => ({ verbs: ['get'], apiGroups: [''], resources: ['pods'], ...part })
const role = (...rules: object[]) => ({ rules })
const url = { verbs: ['get'], nonResourceURLs: ['/healthz'] }
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const BOTH = 'rules cannot apply to both regular resources and non-resource URLs'
const SELECTORS = 'aggregationRule.clusterRoleSelectors'

const roles: (Refusal & { kind: 'roles' | 'clusterroles' })[] = [
  { kind: 'roles', name: 'without rules', part: {}, errors: [] },
  {
    kind: 'roles',
    name: 'named as the system names its own',
    part: role(rule()),
    metadata: { name: 'system:a.B' },
    errors: [],
  },
  ...['.', '..'].map((name) => ({
    kind: 'roles' as const,
    name: `named ${name}`,
    part: {},
    metadata: { name },
    errors: [`metadata.name: Invalid value: "${name}": may not be '${name}'`],
  })),
  {
    kind: 'clusterroles',
    name: 'named as no part of a path can be',
    part: {},
    metadata: { name: 'a/b%' },
    errors: [
      `metadata.name: Invalid value: "a/b%": may not contain '/'`,
      `metadata.name: Invalid value: "a/b%": may not contain '%'`,
    ],
  },
  {
    kind: 'roles',
    name: 'without a namespace',
    part: {},
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
  {
    kind: 'clusterroles',
    name: 'in a namespace',
    part: {},
    metadata: { namespace: 'default' },
    errors: ['metadata.namespace: Forbidden: not allowed on this type'],
  },
  ...(['roles', 'clusterroles'] as const).map((kind) => ({
    kind,
    name: 'with a rule that says nothing',
    part: role(rule(), {}),
    errors: [
      'rules[1].verbs: Required value: verbs must contain at least one value',
      'rules[1].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[1].resources: Required value: resource rules must supply at least one resource',
    ],
  })),
  { kind: 'clusterroles', name: 'of a path', part: role(url), errors: [] },
  {
    kind: 'roles',
    name: 'of a path, which is in no namespace',
    part: role(url),
    errors: [
      'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs',
    ],
  },
  ...[{ apiGroups: [''] }, { resources: ['pods'] }, { resourceNames: ['p'] }].map((part) => ({
    kind: 'clusterroles' as const,
    name: `of a path and of ${JSON.stringify(part)}`,
    part: role({ ...url, ...part }),
    errors: [`rules[0].nonResourceURLs: Invalid value: ["/healthz"]: ${BOTH}`],
  })),
  {
    kind: 'clusterroles',
    name: 'that gathers those of a label',
    part: { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } },
    errors: [],
  },
  {
    kind: 'clusterroles',
    name: 'that gathers none',
    part: { aggregationRule: {} },
    errors: [`${SELECTORS}: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil`],
  },
  {
    kind: 'clusterroles',
    name: 'that gathers by what cannot be read',
    part: { aggregationRule: { clusterRoleSelectors: [{}, { matchLabels: { a: '-' } }] } },
    errors: [
      `${SELECTORS}[1].matchLabels: Invalid value: "-": ${LABEL_VALUE}`,
      `${SELECTORS}[1]: Invalid value: null: invalid label selector.`,
    ],
  },
]
for (const { kind, name, part, metadata, errors } of roles)
  test(`one of ${kind} ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf(kind, part, metadata), errors))

const GROUP = 'rbac.authorization.k8s.io'
const binding = (part: object = {}, ...subjects: object[]) => ({
  roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'view', ...part },
  subjects,
})
const user = (part: object = {}) => ({ kind: 'User', apiGroup: GROUP, name: 'jane', ...part })
const account = (part: object = {}) => ({ kind: 'ServiceAccount', namespace: 'default', name: 'a', ...part })
const bindings: (Refusal & { kind: 'rolebindings' | 'clusterrolebindings' })[] = [
  { kind: 'rolebindings', name: 'to a Role', part: binding({ kind: 'Role' }), errors: [] },
  { kind: 'rolebindings', name: 'to a ClusterRole', part: binding(), errors: [] },
  {
    kind: 'rolebindings',
    name: 'to something else',
    part: binding({ kind: 'User' }),
    errors: ['roleRef.kind: Unsupported value: "User": supported values: "Role", "ClusterRole"'],
  },
  {
    kind: 'clusterrolebindings',
    name: 'to a Role',
    part: binding({ kind: 'Role' }),
    errors: ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
  },
  {
    kind: 'clusterrolebindings',
    name: 'to nothing',
    part: { roleRef: {} },
    errors: [
      // The group is filled in.
      'roleRef.kind: Unsupported value: "": supported values: "ClusterRole"',
      'roleRef.name: Required value',
    ],
  },
  {
    kind: 'rolebindings',
    name: 'to a role of another group, under a name that no role has',
    part: binding({ apiGroup: 'apps', name: 'a/b' }),
    errors: [
      `roleRef.apiGroup: Unsupported value: "apps": supported values: "${GROUP}"`,
      `roleRef.name: Invalid value: "a/b": may not contain '/'`,
    ],
  },
  {
    kind: 'rolebindings',
    name: 'of a user, a group and two accounts',
    part: binding({}, user(), user({ kind: 'Group', name: 'system:masters' }), account(), account({ namespace: '' })),
    errors: [],
  },
  {
    kind: 'clusterrolebindings',
    name: 'of an account of no namespace',
    part: binding({}, account(), account({ namespace: '' })),
    errors: ['subjects[1].namespace: Required value'],
  },
  {
    kind: 'clusterrolebindings',
    name: 'of nobody',
    part: binding({}, user({ name: '' }), account({ name: '' }), {}),
    errors: [
      'subjects[0].name: Required value',
      'subjects[1].name: Required value',
      'subjects[2].name: Required value',
      'subjects[2].kind: Unsupported value: "": supported values: "ServiceAccount", "User", "Group"',
    ],
  },
  {
    kind: 'rolebindings',
    name: 'of an account whose name is none',
    part: binding({}, account({ name: 'A' })),
    errors: [`subjects[0].name: Invalid value: "A": ${SUBDOMAIN}`],
  },
  {
    kind: 'rolebindings',
    name: 'of subjects of other groups',
    part: binding(
      {},
      account({ apiGroup: GROUP }),
      user({ apiGroup: 'apps' }),
      user({ kind: 'Group', apiGroup: 'apps' }),
    ),
    errors: [
      `subjects[0].apiGroup: Unsupported value: "${GROUP}": supported values: ""`,
      `subjects[1].apiGroup: Unsupported value: "apps": supported values: "${GROUP}"`,
      `subjects[2].apiGroup: Unsupported value: "apps": supported values: "${GROUP}"`,
    ],
  },
  {
    kind: 'rolebindings',
    name: 'without a namespace',
    part: binding(),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
  {
    kind: 'clusterrolebindings',
    name: 'in a namespace',
    part: binding(),
    metadata: { namespace: 'default' },
    errors: ['metadata.namespace: Forbidden: not allowed on this type'],
  },
]
for (const { kind, name, part, metadata, errors } of bindings)
  test(`one of ${kind} ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf(kind, part, metadata), errors))

const IMMUTABLE = 'cannot change roleRef'
const shown = (kind: string, name: string): string =>
  `roleRef: Invalid value: {"APIGroup":"${GROUP}","Kind":"${kind}","Name":"${name}"}: ${IMMUTABLE}`
const changes: (RefusedChange & { kind: string })[] = [
  { kind: 'roles', name: 'other rules', before: role(), after: role(rule()), errors: [] },
  { kind: 'rolebindings', name: 'other subjects', before: binding(), after: binding({}, user()), errors: [] },
  {
    kind: 'rolebindings',
    name: 'a role of another kind',
    before: binding(),
    after: binding({ kind: 'Role' }),
    errors: [shown('Role', 'view')],
  },
  {
    kind: 'clusterrolebindings',
    name: 'a role of another name',
    before: binding(),
    after: binding({ name: 'edit' }),
    errors: [shown('ClusterRole', 'edit')],
  },
  {
    kind: 'rolebindings',
    name: 'a role of another group',
    before: binding({ apiGroup: 'apps' }),
    after: binding(),
    errors: [shown('ClusterRole', 'view')],
  },
  ...['roles', 'clusterroles'].map((kind) => ({
    kind,
    name: 'a rule that says nothing, and no version',
    before: role(rule()),
    after: role({ ...rule(), verbs: [] }),
    metadata: NO_VERSION.metadata,
    errors: ['rules[0].verbs: Required value: verbs must contain at least one value', ...NO_VERSION.errors],
  })),
  ...['rolebindings', 'clusterrolebindings'].map((kind) => ({
    kind,
    name: 'nobody, and no version',
    before: binding(),
    after: binding({}, user({ name: '' })),
    metadata: NO_VERSION.metadata,
    errors: ['subjects[0].name: Required value', ...NO_VERSION.errors],
  })),
]
for (const { kind, name, errors, ...change } of changes)
  test(`an update of one of ${kind} with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(updateErrorsOf(kind, change), errors))

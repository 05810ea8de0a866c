/** What somebody may be allowed besides. */
import type { LiveCluster } from '../../../../sim/index.ts'
import { add, type Change, type Json, remove } from './change.ts'

/**
 * A rule for everything; of each rule another verb, another resource, and any name.
 * @param cluster where those who hold the role can be asked: what they may anyway is nothing more
 */
export function ruleChanges(role: Json, cluster?: LiveCluster): Change[] {
  // A controller gathers the rules from other roles, and puts them back.
  if (role.aggregationRule) return []
  const holders = cluster ? holdersOf(role, cluster) : []
  const isMore = (rule: Json): boolean =>
    holders.length === 0 || holders.some((holder) => !isAllowed(rule, holder, cluster!))
  return [
    { change: 'wider-rights', patch: [add('/rules/-', { apiGroups: ['*'], resources: ['*'], verbs: ['*'] })] },
    ...((role.rules ?? []) as Json[]).flatMap((rule, n) => [
      ...moreVerbs(rule)
        .filter((verb) => isMore({ ...rule, verbs: [verb] }))
        .map((verb) => adding('more-verbs', `/rules/${n}/verbs/-`, verb)),
      ...moreResources(rule)
        .filter((resource) => isMore({ ...rule, resources: [resource] }))
        .map((resource) => adding('more-resources', `/rules/${n}/resources/-`, resource)),
      ...(rule.resourceNames && isMore({ ...rule, resourceNames: undefined })
        ? [{ change: 'any-name', patch: [remove(`/rules/${n}/resourceNames`)] }]
        : []),
    ]),
  ]
}

interface Holder {
  /** Flags of kubectl: who asks, and where. */
  as: string
  where: string
}

/** Those that a binding gives the role. */
function holdersOf({ kind, metadata }: Json, cluster: LiveCluster): Holder[] {
  const { stdout } = cluster.execute({ op: 'kubectl', line: 'kubectl get rolebindings,clusterrolebindings -A -o json' })
  const bindings = (JSON.parse(stdout) as { items: Json[] }).items.filter(
    ({ roleRef, metadata: own }) =>
      roleRef.kind === kind &&
      roleRef.name === metadata.name &&
      (kind === 'ClusterRole' || own.namespace === metadata.namespace),
  )
  return bindings.flatMap(({ metadata: { namespace }, subjects = [] }) =>
    (subjects as Json[]).map((subject) => ({
      as: flagsOf({ namespace, ...subject }),
      where: namespace ? `-n ${namespace}` : '-A',
    })),
  )
}

const flagsOf = ({ kind, name, namespace }: Json): string =>
  kind === 'ServiceAccount'
    ? `--as=system:serviceaccount:${namespace}:${name}`
    : kind === 'Group'
      ? `--as=somebody --as-group=${name}`
      : `--as=${name}`

/** Whether all of a rule is allowed, as `kubectl auth can-i` tells. */
function isAllowed(rule: Json, { as, where }: Holder, cluster: LiveCluster): boolean {
  const { apiGroups = [], resources = [], verbs = [], resourceNames } = rule as { [part: string]: string[] | undefined }
  return apiGroups.every((group) =>
    resources.every((path) => {
      const [resource, subresource] = path.split('/')
      const names = resourceNames?.map((name) => `/${name}`) ?? ['']
      return verbs.every((verb) =>
        names.every((name) => {
          const what = `${resource}${group ? `.${group}` : ''}${name}${subresource ? ` --subresource=${subresource}` : ''}`
          const line = `kubectl auth can-i ${verb} ${what} ${where} ${as}`
          return cluster.execute({ op: 'kubectl', line }).stdout.trim() === 'yes'
        }),
      )
    }),
  )
}

const adding = (change: string, path: string, value: unknown): Change => ({
  change,
  patch: [add(path, value)],
})

const usualVerbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']

/** The next that is usual, `delete`, and all of them. What a part of an object is not asked for, such as `list`, is nothing more. */
function moreVerbs({ verbs, resources = [], resourceNames }: Json): string[] {
  const isOfParts = (resources as string[]).every((resource) => resource.includes('/'))
  if (verbs.includes('*') || isOfParts) return []
  // What is to be created has no name yet when the right is checked.
  const usual = resourceNames ? usualVerbs.filter((verb) => verb !== 'create') : usualVerbs
  const next = usual.find((verb) => !verbs.includes(verb))
  return [...new Set([next, 'delete', '*'])].filter((verb): verb is string => Boolean(verb) && !verbs.includes(verb))
}

const neighbours: Readonly<Record<string, readonly string[]>> = {
  '': ['secrets'],
  apps: ['deployments', 'statefulsets', 'daemonsets'],
  batch: ['jobs', 'cronjobs'],
  'networking.k8s.io': ['networkpolicies', 'ingresses'],
}

/** Another of the same group, and a shell in the Pods. */
function moreResources({ apiGroups = [], resources = [], verbs = [] }: Json): string[] {
  if (resources.includes('*')) return []
  const next = (apiGroups as string[])
    .flatMap((group) => neighbours[group] ?? [])
    .find((resource) => !resources.includes(resource))
  const canAttach = ['get', 'create', '*'].some((verb) => verbs.includes(verb))
  const shell = canAttach && resources.includes('pods') && !resources.includes('pods/exec') ? 'pods/exec' : undefined
  return [next, shell].filter((resource) => resource !== undefined)
}

/** More subjects, and the same subjects somewhere else. */
export function bindingChanges({ kind, metadata, roleRef, subjects }: Json): Change[] {
  const holder = (subject: Json): Change => adding('more-holders', '/subjects/-', subject)
  const beside = (binding: string, role: string, namespace?: string): Change => ({
    change: 'rights-elsewhere',
    patch: {
      objects: [
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: binding,
          metadata: { name: `${metadata.name}-besides`, ...(namespace ? { namespace } : {}) },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
          subjects: subjects.map((subject: Json) => ({
            ...subject,
            // A manifest may leave it to the binding.
            ...(subject.kind === 'ServiceAccount'
              ? { namespace: subject.namespace ?? metadata.namespace ?? 'default' }
              : {}),
          })),
        },
      ],
    },
  })
  const group = { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }
  return [
    { change: 'more-holders', patch: [add('/subjects/-', group)] },
    holder({ kind: 'ServiceAccount', name: 'default', namespace: metadata.namespace ?? 'default' }),
    ...((subjects ?? []).length === 0
      ? []
      : [
          ...(kind === 'RoleBinding'
            ? [beside('ClusterRoleBinding', roleRef.kind === 'ClusterRole' ? roleRef.name : 'view')]
            : []),
          beside('RoleBinding', 'edit', 'kube-system'),
        ]),
  ]
}

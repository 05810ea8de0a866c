/**
 * The authorizers of a cluster: members of system:masters may do everything, then the Node authorizer, then RBAC.
 * What bindings give to a user is looked up once, and kept until an RBAC object changes.
 * Sources: kubernetes/plugin/pkg/auth/authorizer/rbac, kubernetes/pkg/registry/rbac/validation/rule.go.
 * Simplified: a change of a role holds at once; in a real server it takes its informers some milliseconds.
 */
import type { Kind } from '../../api/meta/kind.ts'
import { resourceName } from '../../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../../api/meta/object.ts'
import { clusterRoles, roles } from '../../api/rbac/role.ts'
import { clusterRoleBindings, roleBindings } from '../../api/rbac/role-binding.ts'
import type { PolicyRule, RoleBinding, RoleRef, Subject } from '../../api/rbac/types.ts'
import type { UserInfo } from '../../client/client.ts'
import { charge } from '../../engine/work.ts'
import type { Authorization, AuthorizationDecision, Grant, HeldRules, RequestInfo } from '../request.ts'
import { createNodeAuthorizer, nodeOfUser } from './node.ts'
import { ruleAllowsPath, ruleMatches } from './rules.ts'

/** What authorizers read of the store. */
export interface AuthorizationStore {
  find<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T | undefined
  list<T extends KubeObject>(kind: Kind<T>, namespace?: string): readonly T[]
}

const PRIVILEGED_GROUP = 'system:masters'
const ALLOWED: AuthorizationDecision = { allowed: true }
const DENIED: AuthorizationDecision = { allowed: false }

/** What is known of a user until the next change of an RBAC object. */
interface UserEntry {
  readonly isPrivileged: boolean
  readonly node: string | undefined
  generation: number
  grants: readonly Grant[]
  /** Roles that bindings name and nobody made, by the namespace in which that matters. */
  missing: readonly { namespace: string; error: string }[]
  /** Answers so far: by resource, then verb. */
  answers: Map<string, Map<string, Answer[]>>
}

/** Whether a verb on a resource is allowed: for every name, or for some. */
interface Answer {
  group: string
  subresource: string
  namespace: string
  isAllowed: boolean
  names: ReadonlySet<string> | undefined
  denied: AuthorizationDecision
}

/** A binding with what its role grants. */
interface BoundRole {
  rules: readonly PolicyRule[]
  role: string
  binding: string
  namespace: string
  error: string | undefined
}

export function createRbacAuthorization(store: AuthorizationStore): Authorization {
  const buckets = new Set([clusterRoles, roles, clusterRoleBindings, roleBindings].map((kind) => resourceName(kind)))
  const nodeAuthorizer = createNodeAuthorizer()
  const users = new WeakMap<UserInfo, UserEntry>()
  let generation = 1
  let indexed = 0
  const bySubject = new Map<string, BoundRole[]>()

  /** Bindings by whom they name; made anew after a change. */
  function index(): void {
    if (indexed === generation) return
    // Half an index would deny what is allowed: it counts when it is whole.
    indexed = 0
    bySubject.clear()
    for (const binding of store.list(clusterRoleBindings)) addBinding(binding, '')
    for (const binding of store.list(roleBindings)) addBinding(binding, binding.metadata.namespace ?? '')
    indexed = generation
  }

  function addBinding(binding: RoleBinding, namespace: string): void {
    const { subjects = [], roleRef, metadata } = binding
    if (subjects.length === 0) return
    charge(subjects.length)
    const found = rulesOf(store, roleRef, namespace)
    const bound: BoundRole = {
      ...('error' in found ? { rules: [], error: found.error } : { rules: found.rules, error: undefined }),
      role: `${roleRef.kind}/${roleRef.name}`,
      binding: namespace ? `RoleBinding/${namespace}/${metadata.name}` : `ClusterRoleBinding/${metadata.name}`,
      namespace,
    }
    for (const subject of subjects) {
      const key = subjectKey(subject, namespace)
      const known = bySubject.get(key)
      if (known) known.push(bound)
      else bySubject.set(key, [bound])
    }
  }

  function entryOf(user: UserInfo): UserEntry {
    let entry = users.get(user)
    if (!entry) {
      entry = {
        isPrivileged: user.groups.includes(PRIVILEGED_GROUP),
        node: nodeOfUser(user),
        generation: 0,
        grants: [],
        missing: [],
        answers: new Map(),
      }
      users.set(user, entry)
    }
    if (entry.generation !== generation && !entry.isPrivileged) compile(entry, user)
    return entry
  }

  function compile(entry: UserEntry, user: UserInfo): void {
    index()
    const bound = new Set<BoundRole>()
    for (const key of [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)])
      for (const one of bySubject.get(key) ?? []) bound.add(one)
    const all = [...bound]
    for (const { rules } of all) charge(1 + rules.length)
    entry.grants = all.flatMap(({ rules, namespace, role, binding }) =>
      rules.map((rule) => ({ rule, namespace, role, binding })),
    )
    entry.missing = all.flatMap(({ namespace, error }) => (error ? [{ namespace, error }] : []))
    entry.answers = new Map()
    entry.generation = generation
  }

  function answerOf(entry: UserEntry, request: RequestInfo): Answer {
    let byVerb = entry.answers.get(request.resource)
    if (!byVerb) {
      byVerb = new Map()
      entry.answers.set(request.resource, byVerb)
    }
    let answers = byVerb.get(request.verb)
    if (!answers) {
      answers = []
      byVerb.set(request.verb, answers)
    }
    for (const answer of answers)
      if (
        answer.namespace === request.namespace &&
        answer.subresource === request.subresource &&
        answer.group === request.group
      )
        return answer
    const answer = work(entry, request)
    answers.push(answer)
    return answer
  }

  function work(entry: UserEntry, request: RequestInfo): Answer {
    const { group, subresource, namespace } = request
    charge(entry.grants.length)
    const matching = entry.grants.filter(
      (grant) => (grant.namespace === '' || grant.namespace === namespace) && ruleMatches(grant.rule, request),
    )
    const isAllowed = matching.some(({ rule }) => !rule.resourceNames?.length)
    const names = isAllowed ? [] : matching.flatMap(({ rule }) => rule.resourceNames ?? [])
    const errors = missingIn(entry, namespace)
    return {
      group,
      subresource,
      namespace,
      isAllowed,
      names: names.length > 0 ? new Set(names) : undefined,
      denied: errors.length === 0 ? DENIED : { allowed: false, reason: `RBAC: ${joined(errors)}` },
    }
  }

  return {
    authorize(request) {
      const entry = entryOf(request.user)
      if (entry.isPrivileged) return ALLOWED
      let nodeReason: string | undefined
      if (entry.node !== undefined) {
        nodeReason = nodeAuthorizer.refusal(entry.node, request)
        if (nodeReason === undefined) return ALLOWED
      }
      const answer = answerOf(entry, request)
      if (answer.isAllowed || answer.names?.has(request.name)) return ALLOWED
      if (!nodeReason) return answer.denied
      const reason = answer.denied.reason ? `${nodeReason}\n${answer.denied.reason}` : nodeReason
      return { allowed: false, reason }
    },
    authorizePath(user, verb, path) {
      const entry = entryOf(user)
      if (entry.isPrivileged) return ALLOWED
      charge(entry.grants.length)
      const isAllowed = entry.grants.some(({ rule, namespace }) => namespace === '' && ruleAllowsPath(rule, verb, path))
      return isAllowed ? ALLOWED : DENIED
    },
    rulesFor(user, namespace): HeldRules {
      const entry = entryOf(user)
      if (entry.generation !== generation) compile(entry, user)
      return {
        grants: entry.grants.filter((grant) => grant.namespace === '' || grant.namespace === namespace),
        errors: missingIn(entry, namespace),
      }
    },
    noteChange(change) {
      if (buckets.has(change.bucket)) generation++
      else nodeAuthorizer.noteChange(change)
    },
  }
}

const missingIn = (entry: UserEntry, namespace: string): string[] =>
  entry.missing.filter((one) => one.namespace === '' || one.namespace === namespace).map(({ error }) => error)

const joined = (errors: readonly string[]): string => {
  const distinct = [...new Set(errors)]
  return distinct.length === 1 ? distinct[0] : `[${distinct.join(', ')}]`
}

function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind === 'ServiceAccount') return `User system:serviceaccount:${namespace || bindingNamespace}:${name}`
  return `${kind} ${name}`
}

/** What a role grants, or the words for its not being there. */
export function rulesOf(
  store: AuthorizationStore,
  roleRef: RoleRef,
  namespace: string,
): { rules: readonly PolicyRule[] } | { error: string } {
  const { kind, name } = roleRef
  const role =
    kind === 'Role' ? store.find(roles, { namespace, name }) : store.find(clusterRoles, { namespace: '', name })
  if (role) return { rules: role.rules ?? [] }
  return { error: `${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found` }
}

/** kubectl podium: what the simulator can tell and a real cluster would not. */
import type { Kind } from '../../api/meta/kind.ts'
import type { Command, Invocation } from '../command.ts'
import type { AccessExplanation, Attempt, Grant, NodeVerdict, RequestInfo } from '../context.ts'
import { KubectlError } from '../errors.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'

const why: Command = {
  name: 'why',
  short: 'Show why the scheduler put a Pod where it is, or nowhere',
  usage: 'POD [options]',
  flags: [{ name: 'all-attempts', type: 'bool', help: 'Show every attempt that is remembered, not only the last.' }],
  run(invocation) {
    if (invocation.args.length !== 1) throw invocation.usageError('exactly one POD is required')
    const name = invocation.args[0].replace(/^(pods?|po)\//, '')
    const pod = invocation.client.get(invocation.resources.find('pods'), { namespace: invocation.namespace, name })
    const attempts = insightOf(invocation).schedulingAttempts(`${invocation.namespace}/${name}`)
    const own = attempts.filter(({ uid }) => uid === pod.metadata.uid)
    if (own.length === 0) {
      const { nodeName } = (pod as unknown as { spec: { nodeName?: string } }).spec
      invocation.out(
        nodeName
          ? `The scheduler never looked at Pod ${name}: it named node ${nodeName} itself, or that was before the scheduler's last start.\n`
          : `The scheduler has not looked at Pod ${name} yet.\n`,
      )
      return 0
    }
    const shown = invocation.flags.bool('all-attempts') ? own : own.slice(-1)
    invocation.out(shown.map(printAttempt).join('\n'))
    return 0
  },
}

function printAttempt(attempt: Attempt): string {
  const { result, node, message, evaluated, feasible } = attempt
  const end =
    result === 'scheduled'
      ? `placed on ${node}`
      : result === 'unschedulable'
        ? `found no node: ${message ?? ''}`
        : `failed: ${message ?? ''}`
  const lines = [
    `Attempt ${attempt.attempt} for ${attempt.pod}, ${(attempt.atMs / 1000).toFixed(1)}s after the cluster's start: ${end}`,
    `${evaluated} node${evaluated === 1 ? '' : 's'} looked at, ${feasible} would do.`,
    '',
  ]
  const scorers = attempt.nodes.some(({ scores }) => scores) ? attempt.scorers : []
  const header = ['NODE', 'VERDICT', ...(scorers.length > 0 ? ['TOTAL'] : []), ...scorers.map(scorerTitle)]
  const rows = [...attempt.nodes].sort(byRank).map((verdict) => rowOf(verdict, attempt, scorers.length > 0))
  return `${lines.join('\n')}${layOut([header, ...rows].map((row) => `${row.join('\t')}\n`).join(''), tableTabs)}`
}

const scorerTitle = ({ name, weight }: { name: string; weight: number }): string =>
  weight === 1 ? name : `${name}×${weight}`

/** The best first, then those that were rejected. */
const byRank = (a: NodeVerdict, b: NodeVerdict): number =>
  (b.total ?? (b.rejectedBy ? -2 : -1)) - (a.total ?? (a.rejectedBy ? -2 : -1)) || (a.node < b.node ? -1 : 1)

function rowOf(verdict: NodeVerdict, attempt: Attempt, hasScores: boolean): string[] {
  const { node, rejectedBy, reasons = [], scores, total } = verdict
  if (rejectedBy !== undefined) return [node, `${rejectedBy}: ${reasons.join(', ')}`]
  const chosen = node === attempt.node ? 'chosen' : 'would do'
  if (!hasScores) return [node, chosen]
  return [node, chosen, String(total ?? ''), ...(scores ?? []).map(String)]
}

const whyForbidden: Command = {
  name: 'why-forbidden',
  short: 'Show which rule a request would need, and what its user holds instead',
  usage: 'VERB TYPE[/NAME] [--subresource=NAME] [--as=USER] [options]',
  flags: [
    { name: 'all-namespaces', short: 'A', type: 'bool', help: 'Ask for all namespaces.' },
    { name: 'subresource', type: 'string', help: 'Such as log, exec or scale.' },
  ],
  run(invocation) {
    const { args, flags } = invocation
    if (args.length !== 2) throw invocation.usageError('a VERB and a TYPE are required')
    const [verb, what] = args
    const [typed, name = ''] = what.split('/', 2)
    const kind = invocation.resources.find(typed)
    const namespace = kind.isNamespaced && !flags.bool('all-namespaces') ? invocation.namespace : ''
    const { user } = invocation.client
    const subresource = flags.string('subresource')
    const request: RequestInfo = { user, verb, group: kind.group, resource: kind.plural, subresource, namespace, name }
    const explanation = insightOf(invocation).explainAccess(request)
    invocation.out(explain(request, kind, explanation))
    return explanation.isAllowed ? 0 : 1
  },
}

function explain(request: RequestInfo, kind: Kind, access: AccessExplanation): string {
  const { user, verb, group, namespace, name } = request
  const resource = request.subresource ? `${request.resource}/${request.subresource}` : request.resource
  const where = namespace ? `in namespace ${namespace}` : kind.isNamespaced ? 'in all namespaces' : 'in the cluster'
  const question = `${user.name} ${access.isAllowed ? 'may' : 'may not'} ${verb} ${resource}${name ? ` "${name}"` : ''} ${where}`
  if (access.isPrivileged) return `${question}: members of system:masters may do everything.\n`
  const close = access.grants.filter(({ rule }) => matches(rule.resources, resource) && matches(rule.apiGroups, group))
  if (access.isAllowed) {
    const found = close.find(
      ({ rule }) => matches(rule.verbs, verb) && (!rule.resourceNames?.length || rule.resourceNames.includes(name)),
    )
    return found ? `${question}: ${found.role} says so, granted by ${found.binding}.\n` : `${question}.\n`
  }
  const lines = [`${question}.`, '', 'No rule that this user holds allows it. It would take one like this:']
  lines.push(
    `  apiGroups: [${JSON.stringify(group)}]`,
    `  resources: [${JSON.stringify(resource)}]`,
    `  verbs: [${JSON.stringify(verb)}]`,
    namespace
      ? `in a Role of namespace ${namespace} or a ClusterRole, bound by a RoleBinding in ${namespace} or a ClusterRoleBinding.`
      : 'in a ClusterRole, bound by a ClusterRoleBinding.',
  )
  if (access.reason) lines.push('', `The authorizer adds: ${access.reason}`)
  lines.push('', `Groups of ${user.name}: ${user.groups.join(', ') || 'none'}`)
  if (close.length > 0) {
    lines.push(`What ${user.name} may do with ${resource} ${where}:`)
    for (const { rule, role, binding } of close)
      lines.push(
        `  ${rule.verbs.join(', ')}${rule.resourceNames?.length ? ` of ${rule.resourceNames.join(', ')}` : ''} (${role} by ${binding})`,
      )
  } else lines.push(`Nothing is granted to ${user.name} about ${resource} ${where}.`)
  const roles = [...new Set(access.grants.map((grant: Grant) => `  ${grant.role} by ${grant.binding}`))]
  if (roles.length > 0) lines.push('Roles that hold there:', ...roles)
  return `${lines.join('\n')}\n`
}

const matches = (list: readonly string[] | undefined, value: string): boolean =>
  (list ?? []).some((item) => item === value || item === '*')

function insightOf(invocation: Invocation) {
  const { insight } = invocation.context
  if (!insight) throw new KubectlError('kubectl podium is available inside Podium only')
  return insight
}

export const podium: Command = {
  name: 'podium',
  short: 'Ask the simulator why things are as they are',
  usage: 'SUBCOMMAND [options]',
  subcommands: [why, whyForbidden],
}

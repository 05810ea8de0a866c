/** kubectl podium: what the simulator can tell and a real cluster would not. */

import type { Kind } from '../../api/meta/kind.ts'
import { type Attempt, byRank, filterVerdicts, type NodeVerdict, outcomeOf } from '../../api/scheduling/attempt.ts'
import type { Command } from '../command.ts'
import type { AccessExplanation, Grant, RequestInfo } from '../context.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'
import { insightOf } from './podium-insight.ts'
import { proxyRules, traffic, walk } from './podium-network.ts'
import { trace } from './podium-trace.ts'

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
          ? `The scheduler never looked at Pod ${name}: it named node ${nodeName} itself.\n`
          : `The scheduler has not looked at Pod ${name} yet.\n`,
      )
      return 0
    }
    const shown = invocation.flags.bool('all-attempts') ? own : own.slice(-1)
    invocation.out(shown.map(printAttempt).join('\n'))
    return 0
  },
}

/** Nodes side by side in a table; more of them make another table below. */
const NODES_ACROSS = 6

function printAttempt(attempt: Attempt): string {
  const { evaluated, feasible, profile, skipped, preemption } = attempt
  const nodes = [...attempt.nodes].sort(byRank)
  const lines = [
    `Attempt ${attempt.attempt} for ${attempt.pod}, at ${(attempt.atMs / 1000).toFixed(1)} s, by ${profile}: ${outcomeOf(attempt)}`,
    `${count(evaluated, 'node')} looked at, ${feasible} would do.${nodes.length < evaluated ? ` The ${nodes.length} that tell most:` : ''}`,
  ]
  for (let from = 0; from < nodes.length; from += NODES_ACROSS) {
    const shown = nodes.slice(from, from + NODES_ACROSS)
    if (attempt.filters.length > 0) lines.push('', filterTable(attempt, shown))
    if (shown.some(({ scores }) => scores)) lines.push('', scoreTable(attempt, shown))
  }
  const notes = refusals(nodes)
  if (nodes.some(({ scores }) => scores))
    notes.push('A score: as the plugin gave it → from 0 to 100 → times the weight of the plugin.')
  else if (feasible === 1) notes.push('The only node that would do: nothing to score.')
  const best = nodes.filter(({ total }) => total !== undefined && total === nodes[0].total).length
  if (best > 1 && nodes.length === evaluated)
    notes.push(`${best} nodes have the greatest total: one of them is drawn at random.`)
  if (skipped.length > 0) notes.push(`Filters with nothing to say on this Pod: ${skipped.join(', ')}.`)
  if (preemption)
    notes.push(`Preemption makes room on ${preemption.node}; it removes ${preemption.victims.join(', ') || 'nobody'}.`)
  return `${lines.join('\n')}\n${notes.length > 0 ? `\n${notes.join('\n')}\n` : ''}`
}

function filterTable(attempt: Attempt, nodes: readonly NodeVerdict[]): string {
  const verdicts = nodes.map((node) => new Map(filterVerdicts(attempt, node).map((one) => [one.filter, one.passed])))
  const word = (passed: boolean | undefined): string => (passed === undefined ? '-' : passed ? 'passed' : 'REFUSED')
  return table([
    ['FILTER', ...nodes.map((verdict) => headOf(verdict, attempt))],
    ...attempt.filters.map((filter) => [filter, ...verdicts.map((of) => word(of.get(filter)))]),
  ])
}

function scoreTable({ scorers }: Attempt, all: readonly NodeVerdict[]): string {
  const nodes = all.filter(({ scores }) => scores)
  return table([
    ['SCORE', 'WEIGHT', ...nodes.map(({ node }) => node)],
    ...scorers.map(({ name, weight }, i) => [
      name,
      String(weight),
      ...nodes.map(({ scores = [], rawScores = [] }) => `${rawScores[i]} → ${scores[i]} → ${scores[i] * weight}`),
    ]),
    ['total', '', ...nodes.map(({ total }) => String(total))],
  ])
}

const headOf = ({ node }: NodeVerdict, attempt: Attempt): string => (node === attempt.node ? `${node} (chosen)` : node)

const table = (rows: readonly string[][]): string =>
  layOut(rows.map((row) => `${row.join('\t')}\n`).join(''), tableTabs).trimEnd()

/** Why nodes were refused, those for the same reason together. */
function refusals(nodes: readonly NodeVerdict[]): string[] {
  const byReason = new Map<string, string[]>()
  for (const { node, rejectedBy, reasons = [] } of nodes) {
    if (rejectedBy === undefined) continue
    const reason = `${rejectedBy}: ${reasons.join(', ')}`
    byReason.set(reason, [...(byReason.get(reason) ?? []), node])
  }
  return [...byReason].map(([reason, refused]) => `Refused: ${refused.join(', ')} by ${reason}`)
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

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

export const podium: Command = {
  name: 'podium',
  short: 'Ask the simulator why things are as they are',
  usage: 'SUBCOMMAND [options]',
  subcommands: [why, whyForbidden, trace, walk, proxyRules, traffic],
}

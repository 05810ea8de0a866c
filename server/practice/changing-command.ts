/** Whether a command may have changed the cluster: after one that only looks, nobody waits for anything. Pure. */
import type { Command } from '../../sim/index.ts'

/** Commands of kubectl that only look, and those that have waited as long as they wanted. */
const looking = new Set(
  (
    'get describe logs explain top auth api-resources api-versions version config events diff wait cluster-info options completion help ' +
    'port-forward proxy attach kustomize plugin'
  ).split(' '),
)
const changing = new Set(
  (
    'apply create delete replace patch edit scale set label annotate taint cordon uncordon drain expose run autoscale rollout exec cp ' +
    'debug certificate'
  ).split(' '),
)
const lookingRollouts = new Set(['status', 'history'])

const changingHelm = /^helm\s+(.*\s)?(install|upgrade|rollback|uninstall|delete|del|un|test)(\s|$)/

export function mayChangeCluster(command: Command): boolean {
  if (command.op === 'helm') return changingHelm.test(command.line)
  if (command.op !== 'kubectl') return command.op === 'apply' || command.op === 'create' || command.op === 'node'
  // Flags, and what they are given, may stand before the command.
  const words = command.line.split(/\s+/)
  const at = words.findIndex((word) => looking.has(word) || changing.has(word))
  const verb = words[at]
  return verb !== undefined && changing.has(verb) && !(verb === 'rollout' && lookingRollouts.has(words[at + 1] ?? ''))
}

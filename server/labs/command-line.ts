/** A command in a line, wherever one is shown. */
import type { Command } from '../../sim/index.ts'
import { faultTitle } from './fault-title.ts'

/** As somebody types it, or as what it does. */
export function lineOf(command: Command): string {
  switch (command.op) {
    case 'kubectl':
      return command.line
    case 'apply':
    case 'create':
      return `kubectl ${command.op} -f -${command.args ? ` ${command.args}` : ''}`
    case 'request':
      return `${command.method} ${command.url}`
    case 'fault':
      return faultTitle(command.fault)
    case 'evict':
      return `evict a Pod of ${command.selector}`
    case 'staticPod':
      return `static Pod ${command.file} on ${command.node}`
    case 'node':
      return `ssh ${command.node} ${command.line}`
    case 'hostFile':
      return `read ${command.path} on ${command.node}`
    case 'traffic':
      return `traffic to ${command.traffic.url}`
    case 'interrupt':
      return 'Ctrl-C'
    case 'outside':
      return command.line
    case 'openSession':
      return 'kubectl exec, attach or port-forward'
    default:
      return command.op
  }
}

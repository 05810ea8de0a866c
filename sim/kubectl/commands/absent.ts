/** Commands that are known and not available here: each says so, and what to do instead. */
import type { Command } from '../command.ts'

const refused = (name: string, short: string, refusal: string): Command => ({
  name,
  short,
  usage: '[options]',
  refusal,
})

const notHere = (name: string, short: string, instead: string): Command =>
  refused(name, short, `kubectl ${name} is not available here: ${instead}`)

export const absent: readonly Command[] = [
  notHere(
    'completion',
    'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
    'the terminal completes lines of kubectl when you press Tab',
  ),
  notHere('kuberc', 'Manage kuberc configuration files', 'flags are given on the line'),
  notHere('port-forward', 'Forward one or more local ports to a pod', 'use kubectl exec with wget, or send traffic'),
  notHere('proxy', 'Run a proxy to the Kubernetes API server', 'use kubectl get -o json'),
]

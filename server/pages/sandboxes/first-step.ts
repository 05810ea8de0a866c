/** What somebody tries first in a new sandbox, one thing at a time: make Pods, break a node, look back. Pure. */
import { t } from '../../i18n/translate.ts'
import type { SandboxView } from '../../labs/sandboxes/types.ts'
import { printClock } from '../clock.ts'

export interface FirstStep {
  id: 'make' | 'break' | 'look-back'
  title: string
  text: string
  /** To be typed, or sent by the button. */
  line: string | undefined
  button: { label: string; value: string; fields: { name: string; value: string }[] } | undefined
  /** A moment to look back at. */
  link: { label: string; atMs: number } | undefined
}

/** Who has done so much needs no more telling. */
const mostCommands = 8
const firstLine = 'kubectl create deployment web --image=nginx:1.27 --replicas=3'

/** The control plane's own: whoever pulls its plug sees nothing move at all. */
const isOfSystem = ({ namespace }: { namespace: string }): boolean => namespace.startsWith('kube-')

/** What comes next; undefined for who needs no telling. */
export function firstStepOf({ view, marks }: Pick<SandboxView, 'view' | 'marks'>): FirstStep | undefined {
  if (marks.length > mostCommands) return undefined
  const nothing = { line: undefined, button: undefined, link: undefined }
  const broken = marks.find(({ words }) => !('typed' in words))
  if (broken) {
    const atMs = Math.floor(broken.atMs)
    return {
      ...nothing,
      id: 'look-back',
      title: t('Now look back'),
      text: t(
        'Let time run at 60× until the cluster has noticed. Then drag the slider back to where all was well, and branch from there to try something else.',
      ),
      link: { label: t('The cluster at {clock}, just before', { clock: printClock(atMs) }), atMs },
    }
  }
  if (view.pods.every(isOfSystem))
    return {
      ...nothing,
      id: 'make',
      title: t('Begin here'),
      text: t('Make three Pods, and watch them come up on the nodes. Type this into the terminal:'),
      line: firstLine,
      button: { label: t('Run it for me'), value: 'kubectl', fields: [{ name: 'line', value: firstLine }] },
    }
  const [node] = view.nodes
    .filter(({ tone, pods }) => tone === 'ready' && !pods.some(isOfSystem))
    .toSorted((a, b) => b.pods.length - a.pods.length)
  if (!node) return undefined
  return {
    ...nothing,
    id: 'break',
    title: t('Now break something'),
    text: t(
      'Pull the plug of {node}, and see what becomes of its Pods. The control plane notices after about 40 s: at 60× that is a blink.',
      { node: node.name },
    ),
    button: {
      label: t('Power off {node}', { node: node.name }),
      value: 'fault:node:down',
      fields: [{ name: 'node', value: node.name }],
    },
  }
}

/** A cluster in a sentence, for who does not see the picture. Pure. */
import { t } from '../i18n/translate.ts'
import type { ClusterView } from '../labs/types.ts'

/** `Nodes: 3 ready. Pods: 3 ready, 1 CrashLoopBackOff.` */
export function summaryOf({ nodes, pods }: ClusterView): string {
  const ready = nodes.filter(({ tone }) => tone !== 'failing').length
  // What is well stands first.
  const words = new Map(pods.some(({ tone }) => tone === 'ready') ? [[t('ready'), 0]] : [])
  for (const { tone, word } of pods) {
    const said = tone === 'ready' ? t('ready') : word === 'Running' ? t('not ready') : word
    words.set(said, (words.get(said) ?? 0) + 1)
  }
  const counts = [...words].map(([word, count]) => `${count} ${word}`).join(t(', '))
  const machines =
    ready === nodes.length ? t('{n} ready', { n: ready }) : t('{ready} of {all} ready', { ready, all: nodes.length })
  return t('Nodes: {nodes}. Pods: {pods}.', { nodes: machines, pods: counts || t('none') })
}

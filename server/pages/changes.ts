/** What has changed between two pictures of a cluster, in lines as kubectl names things. Pure. */
import type { PictureView } from '../labs/types.ts'

export interface Change {
  kind: 'new' | 'changed' | 'gone'
  /** `pod/web-1` */
  what: string
  /** What is said of it: `0/1 Pending`. */
  was: string
  is: string
}

/** In the order of the later picture; what is gone stands last. */
export function changesBetween(before: PictureView, after: PictureView): Change[] {
  const [then, now] = [linesOf(before), linesOf(after)]
  const made = [...now].flatMap(([what, is]): Change[] => {
    const was = then.get(what)
    if (was === is) return []
    return [was === undefined ? { kind: 'new', what, was: '', is } : { kind: 'changed', what, was, is }]
  })
  const gone = [...then].flatMap(([what, was]): Change[] =>
    now.has(what) ? [] : [{ kind: 'gone', what, was, is: '' }],
  )
  return [...made, ...gone]
}

function linesOf({ nodes, pods, services, tables }: PictureView): Map<string, string> {
  const nameOf = ({ namespace, name }: { namespace: string; name: string }) =>
    namespace === 'default' ? name : `${namespace}/${name}`
  const deployments = tables.find(({ resource }) => resource === 'deployments')?.rows ?? []
  return new Map([
    ...nodes.map(({ name, word }): [string, string] => [`node/${name}`, word]),
    ...nodes.flatMap(({ name, etcd }): [string, string][] =>
      etcd ? [[`etcd/${name}`, `${etcd.word}, term ${etcd.term}`]] : [],
    ),
    ...deployments.map(([name = '', ready = '']): [string, string] => [`deployment/${name}`, ready]),
    ...pods.map((pod): [string, string] => [`pod/${nameOf(pod)}`, stateOf(pod)]),
    ...services.map((service): [string, string] => [
      `service/${nameOf(service)}`,
      service.endpoints
        .filter(({ isReady }) => isReady)
        .map(({ ip }) => ip)
        .join(', ') || '–',
    ]),
  ])
}

function stateOf({ ready, word, restarts, node }: PictureView['pods'][number]): string {
  const again = restarts > 0 ? ` (${restarts}×)` : ''
  return `${ready} ${word}${again}${node ? ` ${node}` : ''}`
}

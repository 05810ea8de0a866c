/** A Pod whose processes are killed, or that somebody deletes: the first of those meant. */
import { z } from 'zod'
import { type CompiledSelector, compileSelector } from '../api/meta/label-selector.ts'
import { CommandRefused } from '../engine/command-refused.ts'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  kill: msg('kill the Pod {name}'),
  delete: msg('delete the Pod {name}'),
}

export const podFault = defineFault({
  kind: 'pod',
  schema: z.strictObject({
    kind: z.literal('pod'),
    namespace: z.string().optional(),
    selector: z.string().optional(),
    name: z.string().optional(),
    act: z.enum(['kill', 'delete']),
  }),
  words: ({ act, name, selector }) => ({ text: texts[act], values: { name: name ?? selector ?? '' } }),
  inject({ pods, nodes }, { namespace = 'default', name, act, ...fault }, note) {
    const selector = selectorOf(fault.selector)
    const pod = pods.find(
      namespace,
      ({ metadata }) => (!name || metadata.name === name) && selector.matches(metadata.labels ?? {}),
    )
    if (!pod) return
    note(`${act} pod ${pod.metadata.name}`)
    if (act === 'kill') nodes.killContainers(pod)
    else pods.delete(pod)
  },
})

function selectorOf(text: string | undefined): CompiledSelector {
  try {
    return compileSelector(text)
  } catch (error) {
    throw new CommandRefused(`the selector ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
}

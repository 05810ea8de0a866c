/** The registry that images are pulled from. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  down: msg('the image registry is down'),
  slow: msg('the image registry is slow'),
  up: msg('the image registry is up'),
}

export const imageRegistryFault = defineFault({
  kind: 'registry',
  schema: z.strictObject({ kind: z.literal('registry'), state: z.enum(['down', 'slow', 'up']) }),
  words: ({ state }) => ({ text: texts[state] }),
  inject({ nodes }, { state }, note) {
    note(`image registry ${state}`)
    nodes.setRegistry(state)
  },
})

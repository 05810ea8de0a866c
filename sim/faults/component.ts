/** A component of the control plane that stops. */
import { z } from 'zod'
import { msg } from '../engine/told.ts'
import { defineFault } from './fault.ts'

const texts = {
  stopped: msg('{component} is stopped'),
  started: msg('{component} is started'),
}

export const componentFault = defineFault({
  kind: 'component',
  schema: z.strictObject({
    kind: z.literal('component'),
    component: z.enum(['kube-apiserver', 'kube-scheduler', 'kube-controller-manager']),
    state: z.enum(['stopped', 'started']),
  }),
  words: ({ component, state }) => ({ text: texts[state], values: { component } }),
  inject({ controlPlane }, { component, state }, note) {
    note(`${component} ${state}`)
    if (state === 'stopped') controlPlane.stop(component)
    else controlPlane.start(component)
  },
})

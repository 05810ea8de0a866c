/** Steps that many inputs are made of. */
import type { Step } from './input.ts'
import { containerOf } from './world.ts'

export const json = { 'content-type': 'application/json' }

export const post = (path: string, body: string, times?: number): Step => ({
  ...{ do: 'api', method: 'POST', path, headers: json, body },
  ...(times === undefined ? {} : { times }),
})

/** kubectl's line on the page of the sandbox. */
export const typed = (line: string, manifest = ''): Step => ({
  do: 'form',
  path: '/sandboxes/{sandbox}',
  fields: { do: 'kubectl', line, manifest },
})

export const applied = (manifest: string): Step => ({
  do: 'form',
  path: '/sandboxes/{sandbox}',
  fields: { do: 'apply', manifest },
})

/** Lets a minute of the sandbox's time pass, in which what was applied runs. */
export const aMinute: Step = { do: 'form', path: '/sandboxes/{sandbox}', fields: { do: 'minute' } }

/** A Pod that runs the shell text, and a minute of its life. */
export const running = (script: string, image = 'busybox:1.36'): Step[] => [
  applied(containerOf(script, image)),
  aMinute,
]

export const demoPath = '/lessons/pod/life-of-a-pod/demos/three-words'
export const challengePath = '/challenges/crash-loop'
export const fixPath = '/questions/networking/ready-and-no-answer/answer'

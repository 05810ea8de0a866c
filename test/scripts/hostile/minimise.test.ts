import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type HostileInput, lengthOf, repeated } from '../../../scripts/hostile/input.ts'
import { smallerInputs } from '../../../scripts/hostile/minimise.ts'

const lineOf = (line: string) => ({ do: 'terminal', line }) as const
const input: HostileInput = {
  id: 'x',
  about: 'x',
  steps: [lineOf('harmless'), lineOf(`${repeated(1000, 'a')}${repeated(64, '[')}`), lineOf('more')],
}

/** Gives the inputs one after the other to `isHarmful`. */
function smallest(isHarmful: (input: HostileInput) => boolean): HostileInput {
  let last = input
  const inputs = smallerInputs(input, () => isHarmful(last))
  for (;;) {
    const next = inputs.next()
    if (next.done) return next.value
    last = next.value
  }
}

test('steps and repetitions that the harm does not need are taken away', () => {
  const found = smallest(({ steps }) =>
    steps.some((step) => step.do === 'terminal' && lengthOf(step.line.replace(/^.*?⟧/, '')) >= 10),
  )
  assert.deepEqual(found.steps, [lineOf(`${repeated(1, 'a')}${repeated(16, '[')}`)])
})

test('what does no harm is left as it is', () => {
  assert.equal(
    smallest(() => false),
    input,
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kinds, virtualKinds } from '../../../sim/api/registry.ts'
import { type Field, findKindMessage, getMessage, type Message } from '../../../sim/api/schema/messages.ts'
import { toNormalForm } from '../../../sim/api/schema/normal-form.ts'

/** The message and all that it reaches. */
function reach(message: Message, known: Set<Message>): Set<Message> {
  if (known.has(message)) return known
  known.add(message)
  for (const { type } of message.fields) if (type.is === 'message') reach(getMessage(type.message), known)
  return known
}

const jsonFields = (message: Message): Field[] =>
  message.fields.flatMap((field) =>
    field.isInline && field.type.is === 'message' ? jsonFields(getMessage(field.type.message)) : [field],
  )

const ZEROS = { string: '', bytes: '', bool: false, int32: 0, int64: 0, double: 0 }

test('what Go writes though it is zero is kept: pointers, and fields without omitempty', () => {
  const messages = new Set<Message>()
  for (const kind of [...kinds, ...virtualKinds]) {
    // Definitions of custom resources are spoken of in JSON alone.
    const message = findKindMessage(kind.apiVersion, kind.kind)
    if (message) reach(message, messages)
    else assert.equal(kind.kind, 'CustomResourceDefinition')
  }
  const lost: string[] = []
  let seen = 0
  for (const message of messages) {
    if (message.alone) continue
    const schema = message.name.startsWith('meta.v1.')
      ? `io.k8s.apimachinery.pkg.apis.${message.name}`
      : `io.k8s.api.${message.name}`
    for (const { name, type, shape, isAlways } of jsonFields(message)) {
      if (type.is !== 'scalar' || !(shape === 'pointer' || (shape === 'one' && isAlways))) continue
      seen++
      const object = toNormalForm({ schema }, { [name]: ZEROS[type.scalar] })
      if (!(name in object)) lost.push(`${message.name}.${name}`)
    }
  }
  assert.ok(seen > 300, String(seen))
  assert.deepEqual(lost, [])
})

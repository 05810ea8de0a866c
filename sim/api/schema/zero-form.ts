/**
 * What there is of an object before anything is said of it: Go's zero value of its type, as far as fields are owned by it. A struct that is
 * no pointer is always there, and so is a list that is never left out.
 */
import { findMessage, type Message, objectMessage } from './messages.ts'

/** @param definition `io.k8s.api.apps.v1.Deployment`; there is nothing of a type that the table of messages does not have */
export function zeroForm(definition: string): Record<string, unknown> {
  const message = objectMessage(definition)
  return message ? zeroOf(message) : {}
}

function zeroOf(message: Message): Record<string, unknown> {
  const zero: Record<string, unknown> = {}
  for (const { name, type, shape, isAlways, isInline } of message.fields) {
    if (shape === 'one' && type.is === 'message') {
      const inner = findMessage(type.message)
      if (inner) Object.assign(zero, isInline ? zeroOf(inner) : { [name]: zeroOf(inner) })
    } else if (shape === 'list' && isAlways) zero[name] = []
  }
  return zero
}

/**
 * The table of protobuf messages: which field has which number and type, and how it looks in JSON. A text for each API package,
 * under `messages/`, in which a line names a message and the indented lines below it are its fields, in the order of JSON:
 *
 *     DeploymentSpec
 *       1 replicas *int32
 *       2 selector *meta.v1.LabelSelector always
 *
 * that is number, name in JSON, and type as Go writes it: `*` is a pointer, `[]` a list, `map[string]` a map. A message of another
 * package stands with the package before it. Words after the type:
 *
 * - `always`: JSON has the field even when it is empty (Go's tag says no `omitempty`)
 * - `omitzero`: a time that is left out when it is not set; others are then null
 * - `inline`: the fields of that message stand among the fields of this one
 * - `alone`: the message looks in JSON as this field alone does
 *
 * `kind` after a message's name: it can stand by itself, as the body of a request. `either`: it looks in JSON as the one of its fields that holds something.
 * Source: generated.proto (numbers) and types.go (pointers, tags) of k8s.io/api and k8s.io/apimachinery v0.36
 */

import admissionregistrationV1 from './messages/admissionregistration-v1.ts'
import apiextensionsV1 from './messages/apiextensions-v1.ts'
import apiregistrationV1 from './messages/apiregistration-v1.ts'
import appsV1 from './messages/apps-v1.ts'
import authenticationV1 from './messages/authentication-v1.ts'
import authorizationV1 from './messages/authorization-v1.ts'
import autoscalingV1 from './messages/autoscaling-v1.ts'
import autoscalingV2 from './messages/autoscaling-v2.ts'
import batchV1 from './messages/batch-v1.ts'
import certificatesV1 from './messages/certificates-v1.ts'
import coordinationV1 from './messages/coordination-v1.ts'
import coreV1 from './messages/core-v1.ts'
import discoveryV1 from './messages/discovery-v1.ts'
import eventsV1 from './messages/events-v1.ts'
import flowcontrolV1 from './messages/flowcontrol-v1.ts'
import metaV1 from './messages/meta-v1.ts'
import networkingV1 from './messages/networking-v1.ts'
import nodeV1 from './messages/node-v1.ts'
import policyV1 from './messages/policy-v1.ts'
import rbacV1 from './messages/rbac-v1.ts'
import resourceV1 from './messages/resource-v1.ts'
import schedulingV1 from './messages/scheduling-v1.ts'
import storageV1 from './messages/storage-v1.ts'

const SCALARS = ['string', 'bytes', 'bool', 'int32', 'int64', 'double'] as const
/** Messages that JSON writes in a form of their own. */
const SPECIAL = ['Time', 'MicroTime', 'Quantity', 'IntOrString', 'RawExtension', 'FieldsV1', 'JSON'] as const

export type ScalarType = (typeof SCALARS)[number]
export type SpecialType = (typeof SPECIAL)[number]

/** What a field holds, or each item of its list or map. */
export type FieldType =
  | { is: 'scalar'; scalar: ScalarType }
  | { is: 'special'; special: SpecialType }
  /** The message's full name: `core.v1.PodSpec`. */
  | { is: 'message'; message: string }

export interface Field {
  number: number
  name: string
  type: FieldType
  shape: 'one' | 'pointer' | 'list' | 'map'
  isAlways: boolean
  isZeroOmitted: boolean
  isInline: boolean
}

export interface Message {
  /** `core.v1.PodSpec` */
  name: string
  isKind: boolean
  /** It looks in JSON as the last of its fields that holds something. */
  isEither: boolean
  /** The one field that it looks like in JSON. */
  alone: Field | undefined
  /** In the order of JSON. */
  fields: readonly Field[]
  /** The place in `fields` of each field number. */
  places: ReadonlyMap<number, number>
}

interface Package {
  name: string
  apiVersion: string
  text: string
}

const PACKAGES: readonly Package[] = [
  { name: 'core.v1', apiVersion: 'v1', text: coreV1 },
  { name: 'meta.v1', apiVersion: 'meta.k8s.io/v1', text: metaV1 },
  { name: 'apps.v1', apiVersion: 'apps/v1', text: appsV1 },
  { name: 'authentication.v1', apiVersion: 'authentication.k8s.io/v1', text: authenticationV1 },
  { name: 'authorization.v1', apiVersion: 'authorization.k8s.io/v1', text: authorizationV1 },
  { name: 'autoscaling.v1', apiVersion: 'autoscaling/v1', text: autoscalingV1 },
  { name: 'autoscaling.v2', apiVersion: 'autoscaling/v2', text: autoscalingV2 },
  { name: 'batch.v1', apiVersion: 'batch/v1', text: batchV1 },
  { name: 'certificates.v1', apiVersion: 'certificates.k8s.io/v1', text: certificatesV1 },
  { name: 'coordination.v1', apiVersion: 'coordination.k8s.io/v1', text: coordinationV1 },
  { name: 'discovery.v1', apiVersion: 'discovery.k8s.io/v1', text: discoveryV1 },
  { name: 'events.v1', apiVersion: 'events.k8s.io/v1', text: eventsV1 },
  { name: 'flowcontrol.v1', apiVersion: 'flowcontrol.apiserver.k8s.io/v1', text: flowcontrolV1 },
  { name: 'networking.v1', apiVersion: 'networking.k8s.io/v1', text: networkingV1 },
  {
    name: 'admissionregistration.v1',
    apiVersion: 'admissionregistration.k8s.io/v1',
    text: admissionregistrationV1,
  },
  { name: 'apiextensions.v1', apiVersion: 'apiextensions.k8s.io/v1', text: apiextensionsV1 },
  {
    name: 'apiregistration.v1',
    apiVersion: 'apiregistration.k8s.io/v1',
    text: apiregistrationV1,
  },
  { name: 'node.v1', apiVersion: 'node.k8s.io/v1', text: nodeV1 },
  { name: 'policy.v1', apiVersion: 'policy/v1', text: policyV1 },
  { name: 'rbac.v1', apiVersion: 'rbac.authorization.k8s.io/v1', text: rbacV1 },
  { name: 'scheduling.v1', apiVersion: 'scheduling.k8s.io/v1', text: schedulingV1 },
  { name: 'resource.v1', apiVersion: 'resource.k8s.io/v1', text: resourceV1 },
  { name: 'storage.v1', apiVersion: 'storage.k8s.io/v1', text: storageV1 },
]

/** Messages by full name, of each package once something of it was asked for. */
const messagesOf = new WeakMap<Package, ReadonlyMap<string, Message>>()

/** @param name `core.v1.PodSpec` */
export function findMessage(name: string): Message | undefined {
  const known = PACKAGES.find((candidate) => name.startsWith(`${candidate.name}.`))
  return known && readPackage(known).get(name)
}

/** @param name `core.v1.PodSpec` */
export function getMessage(name: string): Message {
  const message = findMessage(name)
  if (!message) throw new Error(`protobuf table: there is no message ${name}`)
  return message
}

/** The message of a kind, or undefined when the version has no such kind. */
export function findKindMessage(apiVersion: string, kind: string): Message | undefined {
  // Every group has the options of a deletion as a kind of its own. Source: metav1.AddToGroupVersion
  if (kind === 'DeleteOptions') return getMessage('meta.v1.DeleteOptions')
  if (kind === 'Status' && apiVersion === 'v1') return getMessage('meta.v1.Status')
  const known = PACKAGES.find((candidate) => candidate.apiVersion === apiVersion)
  const message = known && readPackage(known).get(`${known.name}.${kind}`)
  return message?.isKind ? message : undefined
}

/** @param definition `io.k8s.api.core.v1.Pod` */
export const objectMessage = (definition: string): Message | undefined =>
  findMessage(definition.split('.').slice(-3).join('.'))

/** Every message of the table. */
export const allMessages = (): readonly Message[] => PACKAGES.flatMap((known) => [...readPackage(known).values()])

function readPackage(known: Package): ReadonlyMap<string, Message> {
  const read = messagesOf.get(known)
  if (read) return read
  const messages = new Map<string, Message>()
  for (const block of known.text.trim().split(/\n(?=\w)/)) {
    const [head, ...lines] = block.trim().split('\n')
    const [name, mark] = head.split(' ')
    const fields = lines.filter(Boolean).map((line) => readField(line, known.name))
    messages.set(`${known.name}.${name}`, {
      name: `${known.name}.${name}`,
      isKind: mark === 'kind',
      isEither: mark === 'either',
      alone: lines[0]?.endsWith(' alone') ? fields[0] : undefined,
      fields,
      places: new Map(fields.map(({ number }, place) => [number, place])),
    })
  }
  messagesOf.set(known, messages)
  return messages
}

function readField(line: string, packageName: string): Field {
  const [, number, name, sign, type, words] = /^ {2}(\d+) ([\w$-]+) (\*|\[\]|map\[string\])?([\w.]+)(.*)$/.exec(line)!
  return {
    number: Number(number),
    name,
    type: readType(type, packageName),
    shape: sign === '*' ? 'pointer' : sign === '[]' ? 'list' : sign ? 'map' : 'one',
    isAlways: words.includes('always'),
    isZeroOmitted: words.includes('omitzero'),
    isInline: words.includes('inline'),
  }
}

function readType(type: string, packageName: string): FieldType {
  const scalar = SCALARS.find((known) => known === type)
  if (scalar) return { is: 'scalar', scalar }
  const special = SPECIAL.find((known) => known === type)
  if (special) return { is: 'special', special }
  return { is: 'message', message: type.includes('.') ? type : `${packageName}.${type}` }
}

/**
 * What the API server itself does for CustomResourceDefinitions: it gives them their names, begins to serve them, and empties those that
 * are being deleted. Source: k8s.io/apiextensions-apiserver/pkg/controller/{status,establish,finalizer}
 */
import { withCondition } from '../../api/apiextensions/conditions.ts'
import { CLEANUP, customResourceDefinitions } from '../../api/apiextensions/custom-resource-definition.ts'
import { storedKind } from '../../api/apiextensions/kinds.ts'
import { type CustomResourceDefinition, type DefinitionCondition, isTrue } from '../../api/apiextensions/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { keyOf } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { ComponentContext, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'
import { acceptNames } from './names.ts'

/** How often the last of the objects of a deleted definition are looked for. */
const POLL_MS = 5000

type Condition = Omit<DefinitionCondition, 'lastTransitionTime'>

export function startDefinitionControllers({ engine, client, informers, queue }: ComponentContext): RunningComponent {
  const informer = informers.informer(customResourceDefinitions)
  const naming = queue({ name: 'crd naming', reconcile: nameDefinition })
  const establishing = queue({ name: 'crd establishing', reconcile: establish })
  const finalizing = queue({ name: 'crd finalizing', workers: 5, reconcile: finalize })
  const latest = (name: string): CustomResourceDefinition | undefined => informer.get({ namespace: '', name })

  function write(definition: CustomResourceDefinition): CustomResourceDefinition | undefined {
    try {
      return client.updateStatus(customResourceDefinitions, definition)
    } catch (error) {
      // Deleted or changed meanwhile: it comes again.
      if (isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return undefined
      throw error
    }
  }

  const withConditions = (
    definition: CustomResourceDefinition,
    ...conditions: Condition[]
  ): CustomResourceDefinition => ({
    ...definition,
    status: conditions.reduce(
      (status, condition) => withCondition(status, { ...condition, lastTransitionTime: engine.timestamp() }),
      definition.status,
    ),
  })

  const ofGroup = ({ spec, metadata }: CustomResourceDefinition): CustomResourceDefinition[] =>
    informer.list().filter((other) => other.spec.group === spec.group && other.metadata.name !== metadata.name)

  function nameDefinition(name: string): void {
    const definition = latest(name)
    if (!definition || equalJson(definition.spec.names, definition.status.acceptedNames)) return
    const { acceptedNames, namesAccepted } = acceptNames(definition, ofGroup(definition))
    const accepted: Condition = { type: 'NamesAccepted', ...namesAccepted }
    const before = definition.status.conditions?.find(({ type }) => type === 'NamesAccepted')
    const isSame =
      before && (['status', 'reason', 'message'] as const).every((field) => before[field] === accepted[field])
    if (isSame && equalJson(definition.status.acceptedNames, acceptedNames)) return
    const named = { ...definition, status: { ...definition.status, acceptedNames } }
    const changed = isTrue(definition, 'Established')
      ? withConditions(named, accepted)
      : withConditions(named, accepted, {
          type: 'Established',
          status: 'False',
          ...(accepted.status === 'True'
            ? { reason: 'Installing', message: 'the initial names have been accepted' }
            : { reason: 'NotAccepted', message: 'not all names are accepted' }),
        })
    // A name may be free now that another one waits for.
    if (write(changed)) for (const other of ofGroup(definition)) naming.add(other.metadata.name)
  }

  function establish(name: string): void {
    const definition = latest(name)
    if (!definition || !isTrue(definition, 'NamesAccepted') || isTrue(definition, 'Established')) return
    write(
      withConditions(definition, {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      }),
    )
  }

  const isToBeEmptied = ({ metadata }: CustomResourceDefinition): boolean =>
    metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(CLEANUP) ?? false)

  function finalize(name: string): void {
    const cached = latest(name)
    if (!cached || !isToBeEmptied(cached)) return
    const terminating = (status: 'True' | 'False', reason: string, message: string): Condition => ({
      type: 'Terminating',
      status,
      reason,
      message,
    })
    const definition = write(
      withConditions(
        cached,
        terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress'),
      ),
    )
    if (!definition) return
    const kind = storedKind(definition)
    if (kind) {
      for (const object of client.list(kind).items) {
        try {
          client.delete(kind, keyOf(object))
        } catch (error) {
          if (!isStatus(error, 'NotFound')) throw error
        }
      }
      if (client.list(kind).items.length > 0) {
        finalizing.addAfter(name, POLL_MS)
        return
      }
    }
    const done = kind
      ? terminating('False', 'InstanceDeletionCompleted', 'removed all instances')
      : terminating('False', 'NeverEstablished', 'resource was never established')
    const { finalizers = [], ...metadata } = definition.metadata
    const left = finalizers.filter((finalizer) => finalizer !== CLEANUP)
    write({
      ...withConditions(definition, done),
      metadata: { ...metadata, ...(left.length > 0 ? { finalizers: left } : {}) },
    })
  }

  const enqueue = (definition: CustomResourceDefinition): void => {
    const { name } = definition.metadata
    naming.add(name)
    if (isTrue(definition, 'NamesAccepted')) establishing.add(name)
    if (isToBeEmptied(definition)) finalizing.add(name)
  }
  const listening = createListening(() => {
    for (const one of [naming, establishing, finalizing]) one.stop()
  })
  listening.on(informer, {
    onAdd: enqueue,
    onUpdate: (definition) => enqueue(definition),
    // What it had is free for others.
    onDelete: (definition) => {
      for (const other of ofGroup(definition)) naming.add(other.metadata.name)
    },
  })
  return listening
}

/** What the subcommands of `create` share: they build an object from flags and send it. */

import { givenKeys, type JsonMap } from '../../../api/meta/go-json.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import {
  type Command,
  dryRunFlag,
  fieldManagerFlag,
  type Invocation,
  outputFlags,
  validateFlag,
} from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import type { Flag } from '../../flags.ts'
import { withLastApplied } from '../../last-applied.ts'
import { objectPrinter } from '../../printers/objects.ts'
import { showResult, showTyped, validation } from '../../results.ts'

export interface Generator {
  name: string
  aliases?: readonly string[]
  short: string
  usage: string
  flags?: readonly Flag[]
  /** What kubectl says before the server's message: `failed to create configmap: `. The server speaks for itself without it. */
  failure?: string
  /** Whether an empty NAME is refused by kubectl itself. */
  checksName?: boolean
  /**
   * The object without metadata.namespace, its fields in the order that the Go type declares them.
   * @throws KubectlError for flags that don't fit together
   */
  build(invocation: Invocation, name: string): JsonMap & { apiVersion: string; kind: string }
}

const generatorFlags: readonly Flag[] = [
  ...outputFlags,
  dryRunFlag,
  validateFlag,
  fieldManagerFlag('kubectl-create'),
  {
    name: 'save-config',
    type: 'bool',
    help: 'If true, the configuration of current object will be saved in its annotation.',
  },
]

/** A subcommand of `create` that takes one NAME. */
export const generatorCommand = ({ build, failure, checksName = true, flags = [], ...rest }: Generator): Command => ({
  ...rest,
  flags: [...generatorFlags, ...flags],
  run(invocation) {
    const name = nameArgument(invocation)
    void invocation.namespace
    void invocation.dryRun
    objectPrinter(invocation)
    validation(invocation)
    if (checksName && name === '') throw new KubectlError('name must be specified')
    const built = build(invocation, name)
    try {
      createGenerated(invocation, built)
    } catch (error) {
      if (!(error instanceof StatusError) || failure === undefined) throw error
      throw new KubectlError(`${failure}${error.message}`)
    }
    return 0
  },
})

/** @throws KubectlError `exactly one NAME is required, got 0` */
export function nameArgument(invocation: Invocation): string {
  const { args } = invocation
  if (args.length !== 1) throw invocation.usageError(`exactly one NAME is required, got ${args.length}`)
  return args[0]
}

/** The object with the other's annotations. */
function withAnnotationsOf<T extends JsonMap>(object: T, other: JsonMap): T {
  const { annotations } = other.metadata as JsonMap
  return { ...object, metadata: { ...(object.metadata as JsonMap), annotations } }
}

/** Sends what a generator built, or only shows it. */
function createGenerated(invocation: Invocation, built: JsonMap & { apiVersion: string; kind: string }): void {
  const kind = invocation.resources.forObject(built.apiVersion, built.kind)
  if (!kind) throw new KubectlError(`no matches for kind "${built.kind}" in version "${built.apiVersion}"`)
  const metadata = built.metadata as JsonMap
  // As kubectl does: a namespace is written into the object only when it was asked for by name.
  const namespaced = kind.isNamespaced && (invocation.isNamespaceGiven || invocation.dryRun !== 'client')
  const { name, ...rest } = metadata
  const withNamespace = namespaced ? { ...built, metadata: { name, namespace: invocation.namespace, ...rest } } : built
  // What is kept as applied has the namespace only then.
  const kept = invocation.isNamespaceGiven ? withNamespace : built
  const object = invocation.flags.bool('save-config')
    ? withAnnotationsOf(withNamespace, withLastApplied(kept, givenKeys))
    : withNamespace
  if (invocation.dryRun === 'client') {
    showResult(invocation, kind, object as unknown as KubeObject, 'created', givenKeys)
    return
  }
  const options = { ...invocation.writeOptions(invocation.flags.string('field-manager')), ...validation(invocation) }
  const created = invocation.client.create(kind, object as never, options)
  invocation.showWarnings()
  showTyped(invocation, kind, created, 'created')
}

/** kubectl taint. Source: k8s.io/kubectl/pkg/cmd/taint */
import type { Node, Taint } from '../../api/core/types.ts'
import { givenKeys } from '../../api/meta/go-json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { labelValueErrors, qualifiedNameErrors } from '../../api/meta/names.ts'
import { type KubeObject, keyOf } from '../../api/meta/object.ts'
import {
  allFlag,
  type Command,
  dryRunFlag,
  fieldManagerFlag,
  type Invocation,
  outputFlags,
  selectorFlag,
  validateFlag,
} from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { objectPrinter } from '../printers/objects.ts'
import { fetchSelection, selectResources, shownName } from '../resources.ts'
import { validation, withType } from '../results.ts'
import { splitPairs } from '../targets.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

type Change = { add: Taint } | { remove: { key: string; effect?: string } }

export const taint: Command = {
  name: 'taint',
  short: 'Update the taints on one or more nodes',
  usage: 'NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N [options]',
  flags: [
    ...outputFlags,
    dryRunFlag,
    selectorFlag,
    allFlag,
    fieldManagerFlag('kubectl-taint'),
    validateFlag,
    {
      name: 'overwrite',
      type: 'bool',
      help: 'If true, allow taints to be overwritten, otherwise reject taint updates that overwrite existing taints.',
    },
  ],
  run(invocation) {
    const { resources, pairs } = splitPairs(invocation.args, (arg) => arg.endsWith('-') || /[=:]/.test(arg), 'taint')
    if (resources.length === 0) throw new KubectlError('one or more resources must be specified as <resource> <name>')
    if (pairs.length === 0) throw new KubectlError('at least one taint update is required')
    const changes = parseChanges(invocation, pairs)
    refuseBoth(changes)
    const errors: unknown[] = []
    const selection = selectResources(invocation, resources, { needsNames: true })
    if (selection.kinds.some(({ kind }) => kind !== 'Node')) {
      throw new KubectlError(`invalid resource type ${selection.kinds[0].plural}, only node types are supported`)
    }
    for (const { kind, object } of fetchSelection(invocation, selection, (error) => errors.push(error))) {
      try {
        const node = object as Node
        const { taints, operation } = changeTaints(node, changes, invocation.flags.bool('overwrite'))
        const patch = { spec: { taints: taints.length > 0 ? taints : null } }
        const result = invocation.dryRun === 'client' ? (node as KubeObject) : sendTaints(invocation, kind, node, patch)
        const ordered = invocation.context.inGoOrder?.(withType(kind, result))
        const printer = objectPrinter(invocation, ordered ? { keysOf: givenKeys } : {})
        if (printer) invocation.out(printer.print(ordered ?? withType(kind, result), kind))
        else invocation.out(`${shownName(kind, node.metadata.name)} ${operation}\n`)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}

function sendTaints(invocation: Invocation, kind: Kind, node: Node, patch: object): KubeObject {
  const options = { ...invocation.writeOptions(invocation.flags.string('field-manager')), ...validation(invocation) }
  const patched = invocation.client.patch(kind, keyOf(node), 'strategic', patch, options)
  invocation.showWarnings()
  return patched
}

/** Source: k8s.io/kubectl/pkg/cmd/taint/utils.go */
function parseChanges(invocation: Invocation, texts: readonly string[]): Change[] {
  try {
    const changes = texts.map(parseChange)
    const added = changes.flatMap((change) => ('add' in change ? [change.add] : []))
    const isSame = (a: { key: string; effect?: string }, b: { key: string; effect?: string }): boolean =>
      a.key === b.key && a.effect === b.effect
    const twice = added.find((one, at) => added.findIndex((other) => isSame(one, other)) < at)
    if (twice) {
      const { key, value = '', effect } = twice
      throw new KubectlError(`duplicated taints with the same key and effect: {${key} ${value} ${effect} <nil>}`)
    }
    return changes
  } catch (error) {
    throw error instanceof KubectlError ? invocation.usageError(error.message) : error
  }
}

/** What is both set and removed. */
function refuseBoth(changes: readonly Change[]): void {
  const added = changes.flatMap((change) => ('add' in change ? [change.add] : []))
  const both = changes.flatMap((change) =>
    'remove' in change && added.some(({ key, effect }) => key === change.remove.key && effect === change.remove.effect)
      ? [`${change.remove.key}=${change.remove.effect}`]
      : [],
  )
  if (both.length > 0)
    throw new KubectlError(
      `can not both modify and remove the following taint(s) in the same command: ${both.join(', ')}`,
    )
}

/** `k=v:NoSchedule`, `k:NoSchedule`, `k-`, `k:NoSchedule-` */
function parseChange(text: string): Change {
  const isRemoval = text.endsWith('-')
  const [pair, effect, ...rest] = text.replace(/-$/, '').split(':')
  const [key, value, ...more] = pair.split('=')
  const invalid = (why: string): KubectlError => new KubectlError(`invalid taint spec: ${text}, ${why}`)
  if (rest.length > 0 || more.length > 0) throw new KubectlError(`invalid taint spec: ${text}`)
  const wrongKey = qualifiedNameErrors(key)
  if (wrongKey.length > 0) throw invalid(wrongKey.join('; '))
  if (effect !== undefined && !EFFECTS.includes(effect))
    throw new KubectlError(`invalid taint effect: ${effect}, unsupported taint effect`)
  if (isRemoval) return { remove: { key, ...(effect ? { effect } : {}) } }
  if (effect === undefined) {
    const wrong = qualifiedNameErrors(text)
    throw wrong.length > 0 ? invalid(wrong.join('; ')) : new KubectlError(`invalid taint spec: ${text}`)
  }
  const wrongValue = labelValueErrors(value ?? '')
  if (wrongValue.length > 0) throw invalid(wrongValue.join('; '))
  return { add: { key, ...(value ? { value } : {}), effect: effect as Taint['effect'] } }
}

function changeTaints(
  node: Node,
  changes: readonly Change[],
  overwrites: boolean,
): { taints: Taint[]; operation: string } {
  let taints = node.spec.taints ?? []
  const added: Taint[] = []
  let removals = 0
  let overwritten = false
  for (const change of changes) {
    if ('add' in change) {
      const { key, effect } = change.add
      const isSame = (one: Taint): boolean => one.key === key && one.effect === effect
      if (taints.some(isSame) && !overwrites) {
        throw new KubectlError(
          `node ${node.metadata.name} already has ${key} taint(s) with same effect(s) and --overwrite is false`,
        )
      }
      overwritten ||= taints.some(isSame)
      taints = taints.filter((one) => !isSame(one))
      added.push(change.add)
    } else {
      const { key, effect } = change.remove
      const isMeant = (one: Taint): boolean => one.key === key && (effect === undefined || one.effect === effect)
      if (!taints.some(isMeant)) throw new KubectlError(`taint "${key}${effect ? `:${effect}` : ''}" not found`)
      taints = taints.filter((one) => !isMeant(one))
      removals++
    }
  }
  const operation =
    overwritten || (added.length > 0 && removals > 0) ? 'modified' : removals > 0 ? 'untainted' : 'tainted'
  return { taints: [...added, ...taints], operation }
}

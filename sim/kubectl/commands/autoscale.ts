/** kubectl autoscale. Source: k8s.io/kubectl/pkg/cmd/autoscale/autoscale.go */

import type { JsonMap } from '../../api/meta/go-json.ts'
import { canonicalQuantity, quantityError } from '../../api/meta/quantity.ts'
import { type Command, dryRunFlag, fieldManagerFlag, fileFlags, type Invocation, outputFlags } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import type { Found } from '../resources.ts'
import { showResult, showTyped } from '../results.ts'
import { findTargets } from '../targets.ts'

export const autoscale: Command = {
  name: 'autoscale',
  short: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
  usage: '(-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY] [options]',
  flags: [
    ...fileFlags,
    ...outputFlags,
    dryRunFlag,
    fieldManagerFlag('kubectl-autoscale'),
    { name: 'min', type: 'int', default: -1, help: 'The lower limit for the number of pods.' },
    {
      name: 'max',
      type: 'int32',
      isRequired: true,
      default: -1,
      help: 'The upper limit for the number of pods. Required.',
    },
    {
      name: 'cpu-percent',
      type: 'int32',
      default: -1,
      help: 'The target average CPU utilization over all the pods.',
      deprecated:
        "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
    },
    { name: 'cpu', type: 'string', help: "Target CPU: '70%' of the request, or '500m' as an average." },
    { name: 'memory', type: 'string', help: "Target memory: '60%' of the request, or '200Mi' as an average." },
    { name: 'name', type: 'string', help: 'The name for the newly created object.' },
  ],
  run(invocation) {
    const { flags } = invocation
    const min = flags.number('min')
    const max = flags.number('max')
    if (max < 1) throw new KubectlError(`--max=MAXPODS is required and must be at least 1, max: ${max}`)
    if (max < min)
      throw new KubectlError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`)
    if (flags.number('cpu-percent') > 0 && flags.string('cpu'))
      throw new KubectlError('--cpu-percent and --cpu are mutually exclusive')
    const metrics = metricsOf(invocation)
    const errors: unknown[] = []
    for (const found of findTargets(invocation, invocation.args, (error) => errors.push(error))) {
      try {
        autoscaleOne(invocation, found, metrics)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}

function autoscaleOne(invocation: Invocation, { kind: target, object }: Found, metrics: readonly JsonMap[]): void {
  const { flags } = invocation
  if (!target.scale) {
    const resource = `${target.group}/${target.version}, Resource=${target.plural}`
    throw new KubectlError(
      `cannot autoscale a ${object.kind}: could not find scale subresource for ${resource} in discovery information`,
    )
  }
  const kind = invocation.resources.find('horizontalpodautoscalers')
  const autoscaler: JsonMap = {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name: flags.string('name') || object.metadata.name },
    spec: {
      scaleTargetRef: { apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name },
      ...(flags.number('min') > 0 ? { minReplicas: flags.number('min') } : {}),
      maxReplicas: flags.number('max'),
      ...(metrics.length > 0 ? { metrics: [...metrics] } : {}),
    },
  }
  if (invocation.dryRun === 'client') {
    // Of the status two fields are always told.
    const printed = { ...autoscaler, status: { currentMetrics: null, desiredReplicas: 0 } }
    showResult(invocation, kind, printed as never, 'created')
    return
  }
  const options = invocation.writeOptions(flags.string('field-manager'))
  const created = refusedAs(invocation, () =>
    invocation.client.create(kind, inNamespace(autoscaler, object) as never, options),
  )
  invocation.showWarnings()
  showTyped(invocation, kind, created, 'autoscaled')
}

const inNamespace = (autoscaler: JsonMap, { metadata }: Found['object']): JsonMap => ({
  ...autoscaler,
  metadata: { ...(autoscaler.metadata as JsonMap), namespace: metadata.namespace ?? '' },
})

/** What is refused is tried again as autoscaling/v1, which knows a share of the CPU alone; the reason is lost where that cannot say it. */
function refusedAs<T>({ flags }: Invocation, create: () => T): T {
  try {
    return create()
  } catch (error) {
    const cpu = flags.string('cpu').trim()
    const isShare = cpu.endsWith('%') || flags.number('cpu-percent') >= 0
    if (cpu !== '' && isShare && !flags.string('memory')) throw error
    const why = cpu === '' ? 'empty input' : '%!w(<nil>)'
    throw new KubectlError(
      `failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: ${why}`,
    )
  }
}

function metricsOf({ flags }: Invocation): JsonMap[] {
  const percent = flags.number('cpu-percent')
  const targets: [string, JsonMap][] = [
    ...(percent > 0 ? [['cpu', { type: 'Utilization', averageUtilization: percent }] as [string, JsonMap]] : []),
    ...(['cpu', 'memory'] as const).flatMap((name): [string, JsonMap][] =>
      flags.string(name) ? [[name, targetOf(name, flags.string(name).trim())]] : [],
    ),
  ]
  return targets.map(([name, target]) => ({ type: 'Resource', resource: { name, target } }))
}

/** What a bare number counts. */
const units = { cpu: 'm', memory: 'Mi' }

/** A share in per cent, a quantity, or a bare number of the resource's usual unit. Source: autoscale.go parseResourceInput */
function targetOf(name: 'cpu' | 'memory', text: string): JsonMap {
  const fail = (why: string): never => {
    throw new KubectlError(why)
  }
  if (text === '') return fail('empty input')
  if (text.endsWith('%')) {
    const percent = text.slice(0, -1)
    if (!/^\+?\d{1,10}$/.test(percent) || Number(percent) > 2_147_483_647)
      return fail(`invalid percentage value: ${percent}`)
    return { type: 'Utilization', averageUtilization: Number(percent) }
  }
  const quantity = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? `${Number(text)}${units[name]}` : text
  if (quantityError(quantity) !== undefined) return fail(`invalid resource ${name} value: ${text}`)
  return { type: 'AverageValue', averageValue: canonicalQuantity(quantity) }
}

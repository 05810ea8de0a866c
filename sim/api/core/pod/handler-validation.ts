/** What probes and lifecycle hooks must be. Source: validateProbe, validateHandler in kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { httpHeaderErrors, portNameErrors, portNumberErrors } from '../../meta/names.ts'
import type { IntOrString } from '../../meta/object.ts'
import { nonNegative } from '../../meta/object-meta.ts'
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe, ProbeHandler } from '../pod-types.ts'

const HANDLER_KINDS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const

export function validateProbe(
  probe: Probe | undefined,
  role: 'liveness' | 'readiness' | 'startup',
  path: string,
): FieldError[] {
  if (!probe) return []
  const errors = [
    ...validateHandler(probe, undefined, path),
    ...nonNegative(`${path}.initialDelaySeconds`, probe.initialDelaySeconds),
    ...nonNegative(`${path}.timeoutSeconds`, probe.timeoutSeconds),
    ...nonNegative(`${path}.periodSeconds`, probe.periodSeconds),
    ...nonNegative(`${path}.successThreshold`, probe.successThreshold),
    ...nonNegative(`${path}.failureThreshold`, probe.failureThreshold),
  ]
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0)
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
  if (role === 'readiness') {
    if (grace !== undefined)
      errors.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'))
  } else if (probe.successThreshold !== 1)
    errors.push(invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1'))
  return errors
}

export function validateLifecycle(lifecycle: Lifecycle, graceSeconds: number | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (lifecycle.postStart) errors.push(...validateHandler(lifecycle.postStart, graceSeconds, `${path}.postStart`))
  if (lifecycle.preStop) errors.push(...validateHandler(lifecycle.preStop, graceSeconds, `${path}.preStop`))
  return errors
}

/** Exactly one kind of handler, and that one in order. */
function validateHandler(
  handler: ProbeHandler & LifecycleHandler,
  graceSeconds: number | undefined,
  path: string,
): FieldError[] {
  const given = HANDLER_KINDS.filter((kind) => handler[kind])
  if (given.length === 0) return [required(path, 'must specify a handler type')]
  const surplus = given
    .slice(1)
    .map((kind) => forbiddenField(`${path}.${kind}`, 'may not specify more than 1 handler type'))
  return [...validateAction(handler, given[0], graceSeconds, `${path}.${given[0]}`), ...surplus]
}

function validateAction(
  handler: ProbeHandler & LifecycleHandler,
  kind: (typeof HANDLER_KINDS)[number],
  graceSeconds: number | undefined,
  path: string,
): FieldError[] {
  switch (kind) {
    case 'exec':
      return handler.exec!.command?.length ? [] : [required(`${path}.command`)]
    case 'httpGet':
      return validateHttpGet(handler.httpGet!, path)
    case 'tcpSocket':
      return validatePortNumberOrName(handler.tcpSocket!.port, `${path}.port`)
    case 'grpc':
      return portNumberErrors(handler.grpc!.port).map((why) => invalid(`${path}.port`, handler.grpc!.port ?? 0, why))
    case 'sleep': {
      const seconds = handler.sleep!.seconds ?? 0
      if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return []
      return [
        invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`),
      ]
    }
  }
}

function validateHttpGet(action: HTTPGetAction, path: string): FieldError[] {
  const errors: FieldError[] = action.path ? [] : [required(`${path}.path`)]
  errors.push(...validatePortNumberOrName(action.port, `${path}.port`))
  if (action.scheme !== 'HTTP' && action.scheme !== 'HTTPS')
    errors.push(notSupported(`${path}.scheme`, action.scheme, ['HTTP', 'HTTPS']))
  for (const { name } of action.httpHeaders ?? [])
    for (const why of httpHeaderErrors(name)) errors.push(invalid(`${path}.httpHeaders`, name, why))
  return errors
}

/** A port left out counts as 0. */
export function validatePortNumberOrName(port: IntOrString | undefined, path: string): FieldError[] {
  if (typeof port === 'string') return portNameErrors(port).map((why) => invalid(path, port, why))
  return portNumberErrors(port).map((why) => invalid(path, port ?? 0, why))
}

/**
 * What a kubelet keeps of its machine for the system, for itself, and for the moment before memory is gone: allocatable is the rest.
 * Simplified: of kubeReserved and systemReserved processor and memory count, of evictionHard the memory that is left.
 * Sources: cmd/kubelet/app/server.go parseResourceList, pkg/kubelet/eviction/helpers.go, pkg/kubelet/cm/node_container_manager_linux.go
 */
import { isRecord } from '../../api/meta/json.ts'
import { quantityError, quantityMillis, quantityValue } from '../../api/meta/quantity.ts'

export interface Reservation {
  /** For the system and for the kubelet, together. */
  readonly cpuMillis: number
  readonly memoryBytes: number
  /** evictionHard memory.available: a quantity, a share of the machine's memory, or none. */
  readonly evictionMemory: string | undefined
}

/** Of a configuration that says nothing, and of the one that kubeadm writes. */
export const usualReservation: Reservation = { cpuMillis: 0, memoryBytes: 0, evictionMemory: '100Mi' }

/** Bytes that are to be left, of a machine with that much. */
export function evictionBytes({ evictionMemory }: Reservation, capacityBytes: number): number {
  if (evictionMemory === undefined) return 0
  return evictionMemory.endsWith('%')
    ? Math.floor((capacityBytes * Number.parseFloat(evictionMemory)) / 100)
    : quantityValue(evictionMemory)
}

/** Flags win over the file. @param fail makes an error of what the kubelet says */
export function reservationIn(
  flags: ReadonlyMap<string, string>,
  file: Readonly<Record<string, unknown>>,
  fail: (why: string) => Error,
): Reservation {
  const listed = (flag: string, sign: string, field: string): Record<string, string> | undefined => {
    const text = flags.get(flag)
    if (text !== undefined)
      return Object.fromEntries(
        text.split(',').flatMap((part) => {
          const at = part.indexOf(sign)
          return at < 0 ? [] : [[part.slice(0, at), part.slice(at + 1)]]
        }),
      )
    const found = file[field]
    return isRecord(found)
      ? Object.fromEntries(Object.entries(found).map(([name, value]) => [name, String(value)]))
      : undefined
  }
  const lists = (['kube', 'system'] as const).map((whose) => {
    const list = listed(`${whose}-reserved`, '=', `${whose}Reserved`) ?? {}
    const why = listProblem(list)
    if (why) throw fail(`--${whose}-reserved value failed to parse: ${why}`)
    return list
  })
  const total = (name: string, amount: (quantity: string) => number): number =>
    lists.reduce((sum, list) => sum + amount(list[name] ?? '0'), 0)
  const hard = listed('eviction-hard', '<', 'evictionHard')
  const evictionMemory = hard ? thresholdIn(hard['memory.available'], fail) : usualReservation.evictionMemory
  return { cpuMillis: total('cpu', quantityMillis), memoryBytes: total('memory', quantityValue), evictionMemory }
}

const reservable = new Set(['cpu', 'memory', 'ephemeral-storage', 'pid'])

function listProblem(list: Readonly<Record<string, string>>): string | undefined {
  for (const [name, quantity] of Object.entries(list)) {
    if (!reservable.has(name)) return `cannot reserve ${JSON.stringify(name)} resource`
    const why = quantityError(quantity)
    if (why) return `failed to parse quantity ${JSON.stringify(quantity)} for ${JSON.stringify(name)} resource: ${why}`
    if (quantity.startsWith('-')) return `resource quantity for ${JSON.stringify(name)} cannot be negative: ${quantity}`
  }
  return undefined
}

function thresholdIn(text: string | undefined, fail: (why: string) => Error): string | undefined {
  if (text === undefined || text === '0%' || text === '100%') return undefined
  if (text.endsWith('%')) {
    const percent = Number(text.slice(0, -1))
    if (Number.isNaN(percent))
      throw fail(`strconv.ParseFloat: parsing ${JSON.stringify(text.slice(0, -1))}: invalid syntax`)
    if (percent < 0) throw fail(`eviction percentage threshold memory.available must be >= 0%: ${text}`)
    if (percent > 100) throw fail(`eviction percentage threshold memory.available must be <= 100%: ${text}`)
    return text
  }
  const why = quantityError(text)
  if (why) throw fail(why)
  if (quantityValue(text) <= 0) throw fail(`eviction threshold memory.available must be positive: ${text}`)
  return text
}

/** Why there is less than is kept back. Source: validateNodeAllocatable */
export function reservationProblem(
  reservation: Reservation,
  capacity: { cpu: string; memory: string },
): string | undefined {
  const { cpuMillis, memoryBytes } = reservation
  const memory = memoryBytes + evictionBytes(reservation, quantityValue(capacity.memory))
  const problems = [
    ...(cpuMillis > quantityMillis(capacity.cpu) ? [tooMuch('cpu', `${cpuMillis}m`, capacity.cpu)] : []),
    ...(memory > quantityValue(capacity.memory) ? [tooMuch('memory', String(memory), capacity.memory)] : []),
  ]
  return problems.length > 0 ? `invalid Node Allocatable configuration. ${problems.join(' ')}` : undefined
}

const tooMuch = (name: string, reserved: string, capacity: string): string =>
  `Resource ${JSON.stringify(name)} has a reservation of ${reserved} but capacity of ${capacity}. Expected capacity >= reservation.`

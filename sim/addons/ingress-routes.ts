/**
 * Which backend an HTTP request is for, by the rules of Ingresses. Pure.
 * Source: https://kubernetes.io/docs/concepts/services-networking/ingress/
 */
import type { HTTPIngressPath, Ingress, IngressBackend } from '../api/networking/types.ts'

export interface IngressRoute {
  ingress: Ingress
  backend: IngressBackend
  /** `a.example.com/api`, `default backend`: how the rule is told. */
  rule: string
}

/**
 * The host that is meant exactly wins over a wildcard, and that over none; then an exact path over prefixes, and the longest
 * prefix over shorter ones; of two that are equal, the older Ingress's.
 * @param ingresses those that the controller serves, the oldest first
 */
export function findRoute(ingresses: readonly Ingress[], host: string, path: string): IngressRoute | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  for (const matches of [isHost, isWildcardOf, isAnyHost]) {
    let best: { route: IngressRoute; rank: number } | undefined
    let isKnown = false
    for (const ingress of ingresses) {
      for (const { host: ruleHost = '', http } of ingress.spec.rules ?? []) {
        if (!matches(ruleHost.toLowerCase(), name)) continue
        isKnown = true
        for (const one of http?.paths ?? []) {
          const rank = rankOf(one, path)
          if (rank === undefined || (best && rank <= best.rank)) continue
          best = { route: { ingress, backend: one.backend, rule: `${ruleHost || '*'}${one.path ?? '/'}` }, rank }
        }
      }
    }
    if (best) return best.route
    // A host that has rules is asked no further, but for the default backend of its own Ingress.
    if (isKnown) break
  }
  return defaultRoute(ingresses, name)
}

const isHost = (ruleHost: string, host: string): boolean => ruleHost !== '' && ruleHost === host
/** A wildcard stands for one label. */
const isWildcardOf = (ruleHost: string, host: string): boolean =>
  ruleHost.startsWith('*.') && host.includes('.') && host.slice(host.indexOf('.')) === ruleHost.slice(1)
const isAnyHost = (ruleHost: string): boolean => ruleHost === ''

const EXACT = 1_000_000

/**
 * How well a path fits: the higher the better; undefined when it does not. Exact and Prefix go element by element; what is left to
 * the implementation is here what nginx makes of it: the beginning of the text, so that `/a` is for `/ab` as well.
 * Source: ingress-nginx, internal/ingress/controller (createServers, the locations `= /a` and `/a/` of a Prefix)
 */
function rankOf({ path = '/', pathType }: HTTPIngressPath, asked: string): number | undefined {
  const plain = asked.replace(/[?#].*$/, '')
  if (pathType === 'Exact') return plain === path ? EXACT : undefined
  if (pathType === 'ImplementationSpecific') return plain.startsWith(path) ? path.length : undefined
  const trimmed = path.replace(/\/$/, '')
  if (plain === trimmed) return EXACT - 1
  return plain.startsWith(`${trimmed}/`) ? trimmed.length + 1 : undefined
}

function defaultRoute(ingresses: readonly Ingress[], host: string): IngressRoute | undefined {
  const own = ingresses.find(
    ({ spec }) => spec.defaultBackend && (spec.rules ?? []).some((rule) => rule.host?.toLowerCase() === host),
  )
  const found = own ?? ingresses.find(({ spec }) => spec.defaultBackend && !spec.rules?.length)
  return found && { ingress: found, backend: found.spec.defaultBackend!, rule: 'default backend' }
}

/** Whether the host is to be reached by TLS. */
export const hasTls = (ingresses: readonly Ingress[], host: string): boolean =>
  ingresses.some(({ spec }) =>
    (spec.tls ?? []).some(({ hosts }) =>
      (hosts ?? []).some((one) => isHost(one.toLowerCase(), host) || isWildcardOf(one.toLowerCase(), host)),
    ),
  )

/** Every host that a rule names. */
export const hostsOf = (ingresses: readonly Ingress[]): string[] =>
  ingresses.flatMap(({ spec }) => (spec.rules ?? []).flatMap(({ host }) => (host ? [host.toLowerCase()] : [])))

export const isServedHost = (hosts: readonly string[], name: string): boolean =>
  hosts.some((host) => isHost(host, name.toLowerCase()) || isWildcardOf(host, name.toLowerCase()))

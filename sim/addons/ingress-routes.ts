/**
 * Which backend an HTTP request is for, by the rules of Ingresses. Pure.
 * Sources: https://kubernetes.io/docs/concepts/services-networking/ingress/,
 * https://kubernetes.github.io/ingress-nginx/user-guide/{ingress-path-matching,nginx-configuration/annotations}/
 */
import type { HTTPIngressPath, Ingress, IngressBackend } from '../api/networking/types.ts'
import { compilePerlRegex } from '../text/perl-regex.ts'
import { RegexError, type RegexMatch } from '../text/regex.ts'

export interface IngressRoute {
  ingress: Ingress
  backend: IngressBackend
  /** `a.example.com/api`, `default backend`: how the rule is told. */
  rule: string
  /** What the backend is asked for, with the query. */
  path: string
}

const PREFIX = 'nginx.ingress.kubernetes.io/'

const annotationOf = ({ metadata }: Ingress, name: string): string | undefined =>
  metadata.annotations?.[`${PREFIX}${name}`]

const usesRegex = (ingress: Ingress): boolean =>
  annotationOf(ingress, 'use-regex') === 'true' || annotationOf(ingress, 'rewrite-target') !== undefined

/**
 * The host that is meant exactly wins over a wildcard, and that over none; then an exact path over prefixes, and the longest
 * prefix over shorter ones; of two that are equal, the older Ingress's.
 * @param ingresses those that the controller serves, the oldest first
 */
export function findRoute(ingresses: readonly Ingress[], host: string, path: string): IngressRoute | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  // One Ingress that asks for it makes all paths of its hosts regular expressions, whatever Ingress they are of.
  const byRegex = new Set(
    ingresses.filter(usesRegex).flatMap(({ spec }) => (spec.rules ?? []).map((rule) => rule.host ?? '')),
  )
  for (const matches of [isHost, isWildcardOf, isAnyHost]) {
    let best: { route: IngressRoute; rank: number } | undefined
    let isKnown = false
    for (const ingress of ingresses) {
      for (const { host: ruleHost = '', http } of ingress.spec.rules ?? []) {
        if (!matches(ruleHost.toLowerCase(), name)) continue
        isKnown = true
        for (const one of http?.paths ?? []) {
          const rank = byRegex.has(ruleHost) ? regexRankOf(one, path) : rankOf(one, path)
          if (rank === undefined || (best && rank <= best.rank)) continue
          const rule = `${ruleHost || '*'}${one.path ?? '/'}`
          best = { route: { ingress, backend: one.backend, rule, path: rewrite(ingress, one, path) }, rank }
        }
      }
    }
    if (best) return best.route
    // A host that has rules is asked no further, but for the default backend of its own Ingress.
    if (isKnown) break
  }
  return defaultRoute(ingresses, name, path)
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
  const plain = compared(asked)
  if (pathType === 'Exact') return plain === path ? EXACT : undefined
  if (pathType === 'ImplementationSpecific') return plain.startsWith(path) ? path.length : undefined
  const trimmed = path.replace(/\/$/, '')
  if (plain === trimmed) return EXACT - 1
  return plain.startsWith(`${trimmed}/`) ? trimmed.length + 1 : undefined
}

/** Expressions are tried the longest first, from the beginning of the path, whatever the case. */
const regexRankOf = ({ path = '/' }: HTTPIngressPath, asked: string): number | undefined =>
  matchPath(`^${path}`, asked) ? path.length : undefined

/** As PCRE reads it, which nginx is built with. An expression that is none, or too much, matches nothing. */
function matchPath(pattern: string, asked: string): RegexMatch | undefined {
  try {
    return compilePerlRegex(pattern, { ignoresCase: true, looksAround: true }).exec(compared(asked))
  } catch (error) {
    if (error instanceof RegexError) return undefined
    throw error
  }
}

/** With rewrite-target, its text takes the place of the whole path; `$1` stands for what a group matched. */
function rewrite(ingress: Ingress, { path = '/' }: HTTPIngressPath, asked: string): string {
  const target = annotationOf(ingress, 'rewrite-target')
  if (target === undefined || target === path) return asked
  const groups = matchPath(path, asked)?.groups
  if (!groups) return asked
  return `${target.replace(/\$(\d)/g, (_, n: string) => groups[Number(n)] ?? '')}${asked.slice(withoutQuery(asked).length)}`
}

const withoutQuery = (path: string): string => path.replace(/[?#].*$/, '')
/** What nginx compares and rewrites: slashes that follow each other are one (merge_slashes). */
const compared = (asked: string): string => withoutQuery(asked).replace(/\/{2,}/g, '/')

/** Whether a request in plain text is sent to https: where there is TLS unless told, or everywhere when that is asked for. */
export const redirectsToTls = (ingresses: readonly Ingress[], { ingress }: IngressRoute, host: string): boolean =>
  annotationOf(ingress, 'force-ssl-redirect') === 'true' ||
  (hasTls(ingresses, host) && annotationOf(ingress, 'ssl-redirect') !== 'false')

function defaultRoute(ingresses: readonly Ingress[], host: string, path: string): IngressRoute | undefined {
  const own = ingresses.find(
    ({ spec }) => spec.defaultBackend && (spec.rules ?? []).some((rule) => rule.host?.toLowerCase() === host),
  )
  const found = own ?? ingresses.find(({ spec }) => spec.defaultBackend && !spec.rules?.length)
  return found && { ingress: found, backend: found.spec.defaultBackend!, rule: 'default backend', path }
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

/** Image references as container runtimes read them: `[registry/]repository[:tag][@digest]`. */

export interface ImageReference {
  /** `docker.io` when none is named. */
  registry: string
  /** Without registry, with `library/` for official images of docker.io. */
  repository: string
  /** `latest` when neither tag nor digest is given. */
  tag?: string
  digest?: string
  /** Fully written: `docker.io/library/nginx:1.25`. */
  canonical: string
}

const componentPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const hostPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?$/

/** Source: github.com/distribution/reference, RepositoryNameTotalLengthMax */
const longestRepository = 255

/**
 * Reads a reference; a string is the reason why it is none, as the reference library words it: the kubelet then reports
 * InvalidImageName.
 */
export const parseImageReference: (text: string) => ImageReference | string = remembering((text) => {
  const invalid = 'invalid reference format'
  if (text === '') return invalid
  if (/^[0-9a-f]{64}$/.test(text))
    return `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`
  const [named, ...digests] = text.split('@')
  if (digests.length > 1) return invalid
  const digest: string | undefined = digests[0]
  if (digest !== undefined && !digestPattern.test(digest)) return invalid

  const slash = named.lastIndexOf('/')
  const colon = named.indexOf(':', slash + 1)
  const name = colon < 0 ? named : named.slice(0, colon)
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  if (tag !== undefined && !tagPattern.test(tag)) return invalid

  const firstSlash = name.indexOf('/')
  const first = firstSlash < 0 ? '' : name.slice(0, firstSlash)
  const hasRegistry = first !== '' && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  const registry = hasRegistry ? (first === 'index.docker.io' ? 'docker.io' : first) : 'docker.io'
  if (!hostPattern.test(registry)) return invalid
  let repository = hasRegistry ? name.slice(firstSlash + 1) : name
  if (registry === 'docker.io' && !repository.includes('/')) repository = `library/${repository}`
  if (repository.length > longestRepository)
    return `repository name must not be more than ${longestRepository} characters`
  if (/[A-Z]/.test(repository)) return `${invalid}: repository name (${repository}) must be lowercase`
  if (!repository.split('/').every((component) => componentPattern.test(component))) return invalid

  const usedTag = tag ?? (digest === undefined ? 'latest' : undefined)
  return {
    registry,
    repository,
    tag: usedTag,
    digest,
    canonical: `${registry}/${repository}${usedTag ? `:${usedTag}` : ''}${digest ? `@${digest}` : ''}`,
  }
})

/** The same function of one text, which remembers what it gave: clusters name the same few images over and over. */
export function remembering<T>(compute: (text: string) => T): (text: string) => T {
  const most = 2000
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined || known.has(text)) return before as T
    if (known.size >= most) known.clear()
    const value = compute(text)
    known.set(text, value)
    return value
  }
}

/**
 * Its tag: `latest` when it has neither tag nor digest, '' with a digest alone and for what is no reference.
 * Source: kubernetes/pkg/util/parsers, whose error the defaults of a container overlook
 */
export function imageTag(text: string): string {
  const reference = parseImageReference(text)
  return typeof reference === 'string' ? '' : (reference.tag ?? '')
}

/** The reference as the runtime writes it in full; undefined when it is invalid. */
export function normaliseImage(text: string): string | undefined {
  const reference = parseImageReference(text)
  return typeof reference === 'string' ? undefined : reference.canonical
}

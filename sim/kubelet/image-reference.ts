/** Names of images. Source: distribution/reference, as the kubelet's image manager uses it. */

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const host = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?'
const pattern = new RegExp(
  `^((?:${host}/)?${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
)

export interface ImageReference {
  /** With the registry and `library/`, as the runtime names it. */
  canonical: string
  /** As the user wrote it, with `:latest` when there was neither tag nor digest. */
  withTag: string
}

/** The registry that short names stand for. */
export const defaultRegistry = 'registry.example'

/** The parsed name, or why it is none, as the kubelet words it. */
export function parseImageReference(image: string): ImageReference | { error: string } {
  const match = pattern.exec(image)
  if (!match) {
    const name = image.split('@')[0].replace(/:[^:/]*$/, '')
    const why =
      pattern.test(name.toLowerCase()) && name !== name.toLowerCase() ? ': repository name must be lowercase' : ''
    return { error: `couldn't parse image reference "${image}": invalid reference format${why}` }
  }
  const [, name, tag, digest] = match
  const withTag = tag || digest ? image : `${image}:latest`
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const isHost = first.includes('.') || first.includes(':') || first === 'localhost'
  const prefix = isHost ? '' : slash < 0 ? `${defaultRegistry}/library/` : `${defaultRegistry}/`
  return { withTag, canonical: `${prefix}${withTag}` }
}

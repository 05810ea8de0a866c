/** Parts of an image's name. Source: kubernetes/pkg/util/parsers */

/** The tag of `registry:5000/repo/name:tag@digest`; `latest` when it has neither tag nor digest, '' with a digest alone. */
export function imageTag(image: string): string {
  const [name, digest] = image.split('@')
  const colon = name.lastIndexOf(':')
  if (colon > name.lastIndexOf('/')) return name.slice(colon + 1)
  return digest ? '' : 'latest'
}

/** Images whose tags are releases of one program: an image for each release, so that it says its own version. */
import type { Image } from '../runtime/process.ts'

/** Versions, the newest first, and the tags that stand for each. */
export type Releases = Readonly<Record<string, readonly string[]>>

/**
 * Makes an image of each release.
 * @param builds what a tag may also end with: `alpine` gives `7-alpine` beside `7`, and `alpine` beside `latest`
 * @param make an image without its tags, for a version
 */
export const eachRelease = (
  releases: Releases,
  builds: readonly string[],
  make: (version: string) => Omit<Image, 'tags'>,
): readonly Image[] =>
  Object.entries(releases).map(([version, tags]) => ({
    ...make(version),
    tags: [...tags, ...builds.flatMap((build) => tags.map((tag) => (tag === 'latest' ? build : `${tag}-${build}`)))],
  }))

/** `8.0` of `8.0.36`. */
export const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.')

/** Whether a version is the other or a later one; numbers are compared part by part. */
export function isAtLeast(version: string, other: string): boolean {
  const parts = version.split('.').map(Number.parseFloat)
  for (const [at, wanted] of other.split('.').map(Number).entries()) {
    const part = parts[at] ?? 0
    if (part !== wanted) return part > wanted
  }
  return true
}

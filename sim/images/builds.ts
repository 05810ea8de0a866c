/**
 * Images that are published in several builds: on all that compiling needs, on less of Debian, on Alpine. What tools a container has depends on it,
 * so each build is an image of its own. Sources: docker-library's Dockerfiles (buildpack-deps, node, python, nginx, redis, postgres)
 */
import type { Image, Program } from '../runtime/process.ts'
import { alpineReleases } from './alpine.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { curl } from './programs/network.ts'
import { gnuWget } from './programs/wget-gnu.ts'

const [alpine] = alpineReleases

/** What `buildpack-deps` has besides Debian's own, of what is simulated. */
const buildpackPrograms: Readonly<Record<string, Program>> = { '/usr/bin/curl': curl, '/usr/bin/wget': gnuWget }

/** An image for each build that it has tags of. */
export function buildsOf(image: Image): readonly Image[] {
  const { tags, variants = {}, base, programs } = image
  const isAlpine = (tag: string): boolean => 'alpine' in variants && tag.split('-').includes('alpine')
  const isSlim = (tag: string): boolean => 'slim' in variants && tag.split('-').includes('slim')
  const isFull = (tag: string): boolean => !isAlpine(tag) && !isSlim(tag)
  const full =
    base === 'buildpack-deps:bookworm' || image.repositories[0] === 'buildpack-deps'
      ? { ...image, programs: { ...programs, ...buildpackPrograms } }
      : image
  const builds = [{ ...full, tags: tags.filter(isFull) }]
  const [slim, alpines] = [tags.filter(isSlim), tags.filter(isAlpine)]
  if (slim.length > 0) builds.push({ ...image, tags: slim })
  if (alpines.length > 0) builds.push({ ...onAlpine(image), tags: alpines })
  return builds.filter((build) => build.tags.length > 0)
}

/** The same with the tools and the files of Alpine in place of Debian's. */
function onAlpine(image: Image): Image {
  const { programs, files = {}, variants, cmd } = image
  return {
    ...image,
    // Who has no command of its own has that of what it is built on.
    cmd: /^(?:\/bin\/)?bash$/.test(cmd?.join(' ') ?? '') ? alpine.cmd : cmd,
    programs: { ...alpine.programs, ...without(debianPrograms, programs) },
    files: { ...alpine.files, ...without(debianFiles, files), ...variants?.alpine?.files },
  }
}

const without = <T>(those: Readonly<Record<string, T>>, all: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([path, one]) => those[path] !== one))

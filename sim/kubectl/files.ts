/** The files of the one who types, held in memory for the time of a command: what it reads and writes is told afterwards. */
import { decodeBase64Lossy } from '../api/meta/base64.ts'
import type { FileContent, FileUse, Workplace } from '../scenario/types.ts'
import type { Files, KubectlContext } from './context.ts'

export function memoryFiles({ directory, files }: Pick<Workplace, 'directory' | 'files'>): Files & FileUse {
  const held = new Map(Object.entries(files))
  const used: Record<string, FileContent> = {}
  const written: Record<string, FileContent | null> = {}
  /** Folders above the place are not empty any more. */
  const fill = (place: string): void => {
    for (let end = place.lastIndexOf('/'); end > 0; end = place.lastIndexOf('/', end - 1)) {
      const folder = place.slice(0, end + 1)
      if (held.delete(folder)) written[folder] = null
    }
  }
  return {
    used,
    written,
    read(path) {
      const place = resolvePath(directory, path)
      const content = held.get(place)
      if (content !== undefined && !(place in written)) used[place] = content
      return content
    },
    list(path) {
      const place = resolvePath(directory, path)
      const start = place === '/' ? '/' : `${place}/`
      const names = new Set<string>()
      let isThere = place === '/' || place === directory
      for (const at of held.keys()) {
        if (!at.startsWith(start)) continue
        isThere = true
        // An empty folder stands as `folder/`.
        const name = at.slice(start.length).split('/')[0]
        if (name) names.add(name)
      }
      if (isThere && names.size === 0 && place !== directory) used[start] = ''
      for (const name of names) {
        const at = start + name
        const content = held.get(at)
        if (content === undefined) used[`${at}/`] = ''
        else if (!(at in written)) used[at] = content
      }
      return isThere ? [...names].sort() : undefined
    },
    write(path, content) {
      const place = resolvePath(directory, path)
      fill(place)
      held.set(place, content)
      written[place] = content
    },
    makeFolder(path) {
      const place = resolvePath(directory, path)
      const isThere = [...held.keys()].some((at) => at.startsWith(`${place}/`))
      if (isThere || place === '/' || place === directory) return
      fill(place)
      held.set(`${place}/`, '')
      written[`${place}/`] = ''
    },
    resolve: (path) => resolvePath(directory, path),
    remove(path) {
      const place = resolvePath(directory, path)
      if (held.delete(place)) written[place] = null
    },
  }
}

/** Whether a path is the name of what is given on the standard input. */
export const isStandardInput = (path: string): boolean => ['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'].includes(path)

/** A file as text, or what is given on the standard input under its name; bytes that are no UTF-8 become U+FFFD. */
export function readText({ files, stdin }: KubectlContext, path: string): string | undefined {
  if (isStandardInput(path)) return stdin
  const content = files.read(path)
  return content === undefined || typeof content === 'string' ? content : decodeBase64Lossy(content.base64)
}

/** The absolute path, without `.`, `..` and doubled slashes. */
function resolvePath(directory: string, path: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

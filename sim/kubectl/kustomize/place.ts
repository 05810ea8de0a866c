/** A folder with a kustomization: what its files may name. Source: kustomize/api/internal/loader */
import type { FileContent } from '../../scenario/types.ts'
import type { Files, KubectlContext } from '../context.ts'
import { KubectlError } from '../errors.ts'

export class Place {
  /** Absolute, without links. */
  readonly root: string
  readonly environment: Readonly<Record<string, string>>
  private readonly context: KubectlContext
  /** The folders from which it was come to, and itself. */
  private readonly visited: readonly string[]
  private readonly isRestricted: boolean

  private constructor(context: KubectlContext, root: string, visited: readonly string[], isRestricted: boolean) {
    this.context = context
    this.root = root
    this.environment = context.environment
    this.visited = [...visited, root]
    this.isRestricted = isRestricted
  }

  /** @param isRestricted whether files outside of the folder are refused */
  static open(context: KubectlContext, path: string, isRestricted: boolean): Place {
    return new Place(context, folderAt(context.files, path, path), [], isRestricted)
  }

  resolve(path: string): string {
    return this.context.files.resolve(path.startsWith('/') ? path : `${this.root}/${path}`)
  }

  /** @throws KubectlError when there is no such file, or it lies outside */
  read(path: string): FileContent {
    const { files } = this.context
    const place = this.resolve(path)
    const content = files.read(place)
    if (content === undefined) {
      if (files.list(place)) throw new KubectlError(`'${place}' must resolve to a file`)
      throw new KubectlError(missing(files, place, place))
    }
    if (this.isRestricted && !place.startsWith(`${this.root}/`) && this.root !== '/')
      throw new KubectlError(`security; file '${place}' is not in or below '${this.root}'`)
    return content
  }

  /** Whether there is such a file; what it holds is not looked at. */
  has(path: string): boolean {
    return this.context.files.read(this.resolve(path)) !== undefined
  }

  /** @throws KubectlError when there is no such folder, or it leads back */
  enter(path: string): Place {
    const place = this.resolve(path)
    folderAt(this.context.files, place, place)
    const seen = this.visited.findLast((root) => root === place || root.startsWith(`${place}/`))
    if (seen !== undefined)
      throw new KubectlError(`cycle detected: candidate root '${place}' contains visited root '${seen}'`)
    return new Place(this.context, place, this.visited, this.isRestricted)
  }
}

function folderAt(files: Files, path: string, shown: string): string {
  const place = files.resolve(path)
  if (files.list(place)) return place
  if (files.read(place) !== undefined)
    throw new KubectlError(`must build at directory: '${shown}': file is not directory`)
  throw new KubectlError(`must build at directory: not a valid directory: ${missing(files, place, shown)}`)
}

function missing(files: Files, place: string, shown: string): string {
  const parts = place.split('/').slice(1)
  const at = parts.findIndex((_, n) => {
    const upTo = `/${parts.slice(0, n + 1).join('/')}`
    return !files.list(upTo) && files.read(upTo) === undefined
  })
  const first = `/${parts.slice(0, at + 1).join('/')}`
  return `evalsymlink failure on '${shown}' : lstat ${first}: no such file or directory`
}

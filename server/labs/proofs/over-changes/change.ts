/** A change of one object that somebody makes besides what was asked. */

// biome-ignore lint/suspicious/noExplicitAny: an object of any kind, as kubectl prints it
export type Json = Record<string, any>

export interface Operation {
  op: 'add' | 'replace' | 'remove'
  path: string
  value?: unknown
}

export interface Change {
  /** `wider-rights` */
  change: string
  /** Operations of a JSON patch, or that it is deleted, or that others are made beside it. */
  patch: Operation[] | 'delete' | { objects: Json[] }
}

export const add = (path: string, value: unknown): Operation => ({ op: 'add', path, value })
export const replace = (path: string, value: unknown): Operation => ({ op: 'replace', path, value })
export const remove = (path: string): Operation => ({ op: 'remove', path })

/** A step of a path: `app.kubernetes.io/name` is one. */
export const step = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

/** What lies at a path of the object: names and places in lists, with no step that is written otherwise. */
export const valueAt = (object: Json, path: string): Json =>
  path
    .split('/')
    .slice(1)
    .reduce((value: Json, key) => value[key], object)

/** @param path of a list or of a map @returns one change for each thing in it, without that */
export const withoutEach = (change: string, path: string, found: readonly unknown[] | Json | undefined): Change[] =>
  Object.keys(found ?? {}).map((key) => ({ change, patch: [remove(`${path}/${step(key)}`)] }))

/** A label selector a requirement less, one at a time. One without requirements selects all. */
export const lessOfSelector = (change: string, path: string, selector: Json | undefined): Change[] =>
  ['matchLabels', 'matchExpressions'].flatMap((part) =>
    withoutEach(change, `${path}/${part}`, (selector as Json | undefined)?.[part]),
  )

/** Lists of limited length. Source: validateSlice and validateSet in kubernetes/pkg/apis/resource/validation/validation.go */
import { duplicate, type FieldError, tooMany } from '../meta/field-error.ts'

/** What is wrong with the items, or that there are too many to look at. */
export const listErrors = <T>(
  list: readonly T[] | undefined,
  most: number,
  path: string,
  errorsOf: (item: T, path: string) => FieldError[],
): FieldError[] =>
  (list ?? []).length > most
    ? [tooMany(path, list!.length, most)]
    : (list ?? []).flatMap((item, n) => errorsOf(item, `${path}[${n}]`))

/** The same of a list whose keys differ. */
export function setErrors<T>(
  list: readonly T[] | undefined,
  most: number,
  path: string,
  errorsOf: (item: T, path: string) => FieldError[],
  keyOf: (item: T) => string,
): FieldError[] {
  const errors = listErrors(list, most, path, errorsOf)
  const items = list ?? []
  if (items.length > most) return errors
  const seen = new Set<string>()
  return [
    ...errors,
    ...items.flatMap((item, n) => {
      const key = keyOf(item)
      if (seen.has(key)) return [duplicate(`${path}[${n}]`, key)]
      seen.add(key)
      return []
    }),
  ]
}

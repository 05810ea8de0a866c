/** JSONPath as kubectl's flags give it: what is wrong with one is a failure of the line. */
import {
  JsonPathError,
  type JsonPathTemplate,
  parseJsonPath as parse,
  parseRelaxedPath as parseRelaxed,
  printJsonPath as print,
  findValues as valuesOf,
} from '../../api/meta/json-path.ts'
import { KubectlError } from '../errors.ts'

function asKubectl<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof JsonPathError) throw new KubectlError(error.message)
    throw error
  }
}

/** @throws KubectlError `error parsing jsonpath {.a, unclosed action` */
export const parseJsonPath = (source: string): JsonPathTemplate => asKubectl(() => parse(source))

/** A path as custom-columns and --sort-by accept it. @throws KubectlError for what is no path */
export const parseRelaxedPath = (text: string): JsonPathTemplate => asKubectl(() => parseRelaxed(text))

/** @throws KubectlError when an index is out of bounds, or a key is missing and may not be */
export const printJsonPath = (template: JsonPathTemplate, data: unknown, allowsMissing = true): string =>
  asKubectl(() => print(template, data, allowsMissing))

/** @throws KubectlError when an index is out of bounds */
export const findValues = (template: JsonPathTemplate, data: unknown): unknown[] =>
  asKubectl(() => valuesOf(template, data))

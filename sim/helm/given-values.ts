/** Values that a line gives: files, then what stands on the line itself. Source: helm.sh/helm/v3/pkg/cli/values */

import { type GoMap, isGoMap, isNil } from '../go-template/values.ts'
import { readText } from '../kubectl/files.ts'
import { parseManifest } from '../kubectl/yaml.ts'
import { setValues } from './chart/set-values.ts'
import { overlaid } from './chart/values.ts'
import type { HelmCall } from './context.ts'
import { HelmError } from './errors.ts'
import { readYaml } from './sprig/encoding.ts'

/** @throws HelmError */
export function givenValues({ context, flags }: HelmCall): GoMap {
  let values: GoMap = {}
  for (const path of flags.list('values')) values = overlaid(values, fileValues(context, path))
  const each = (flag: string, act: (text: string) => void): void => {
    for (const text of flags.list(flag))
      try {
        act(text)
      } catch (error) {
        if (!(error instanceof HelmError)) throw error
        throw new HelmError(`failed parsing --${flag} data: ${error.message}`)
      }
  }
  each('set-json', (text) => {
    if (!text.trim().startsWith('{')) return setValues(text, values, 'json')
    const read = readYaml(text)
    if ('error' in read || !isGoMap(read.value)) throw new HelmError('invalid JSON')
    values = overlaid(values, read.value)
  })
  each('set', (text) => setValues(text, values, 'typed'))
  each('set-string', (text) => setValues(text, values, 'text'))
  each('set-file', (text) => setValues(text, values, { file: (path) => textAt(context, path) }))
  each('set-literal', (text) => setValues(text, values, 'literal'))
  return values
}

function textAt(context: HelmCall['context'], path: string): string {
  if (path === '-') return context.stdin
  if (/^https?:/.test(path)) throw new HelmError(`could not read ${path}: there is no network outside the cluster here`)
  const text = readText(context, path)
  if (text === undefined) throw new HelmError(`open ${path}: no such file or directory`)
  return text
}

function fileValues(context: HelmCall['context'], path: string): GoMap {
  const text = textAt(context, path)
  const read = readYaml(text)
  if ('error' in read) throw new HelmError(`failed to parse ${path}: ${read.error}`)
  if (isNil(read.value)) return {}
  if (!isGoMap(read.value) || parseManifest(text, path).length > 1)
    throw new HelmError(`failed to parse ${path}: error unmarshaling JSON: while decoding JSON: it is no map of values`)
  return read.value
}

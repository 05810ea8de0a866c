/** `--set a.b[0]=x,c={1,2}`: values as a line gives them. Source: helm.sh/helm/v3/pkg/strvals */

import { charge } from '../../engine/work.ts'
import { type GoMap, isGoMap, isNil, typeName } from '../../go-template/values.ts'
import { jsonFault } from '../../text/go-json-errors.ts'
import { HelmError } from '../errors.ts'

const mostIndex = 65_536
const mostNesting = 30

/** How what stands behind `=` is read. */
export type Reading = 'typed' | 'text' | 'json' | 'literal' | { file: (path: string) => string }

/** Puts what a line says into `values`. @throws HelmError */
export function setValues(line: string, values: GoMap, reading: Reading): void {
  const parser = new Parser(line, reading)
  while (!parser.isAtEnd) parser.key(values, 0)
}

class Parser {
  readonly #runes: readonly string[]
  readonly #reading: Reading
  #at = 0

  constructor(line: string, reading: Reading) {
    this.#runes = [...line]
    this.#reading = reading
    charge(this.#runes.length)
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#runes.length
  }

  /** As far as one of the signs, of which `\` takes the meaning. */
  #until(stops: string): { text: string; stop: string | undefined } {
    let text = ''
    while (!this.isAtEnd) {
      const rune = this.#runes[this.#at++]!
      if (stops.includes(rune)) return { text, stop: rune }
      if (rune === '\\' && this.#reading !== 'literal') {
        if (this.isAtEnd) break
        text += this.#runes[this.#at++]
      } else text += rune
    }
    return { text, stop: undefined }
  }

  key(map: GoMap, depth: number): void {
    charge(5)
    const { text, stop } = this.#until(this.#reading === 'literal' ? '=[.' : '=[,.')
    switch (stop) {
      case undefined:
        if (text === '') return
        throw new HelmError(`key ${JSON.stringify(text)} has no value`)
      case '[': {
        const index = this.#index()
        const own = Object.hasOwn(map, text) ? map[text] : undefined
        if (!isNil(own) && !Array.isArray(own))
          throw new HelmError(
            `unable to parse key: interface conversion: interface {} is ${typeName(own)}, not []interface {}`,
          )
        set(map, text, this.#item(Array.isArray(own) ? [...(own as unknown[])] : [], index, depth))
        return
      }
      case '=':
        set(map, text, this.#value())
        return
      case ',':
        set(map, text, '')
        throw new HelmError(`key ${JSON.stringify(text)} has no value (cannot end with ,)`)
      default: {
        if (depth + 1 > mostNesting)
          throw new HelmError(
            `value name nested level is greater than maximum supported nested level of ${mostNesting}`,
          )
        const own = Object.hasOwn(map, text) ? map[text] : {}
        if (!isGoMap(own))
          throw new HelmError(
            `unable to parse key: interface conversion: interface {} is ${isNil(own) ? 'nil' : typeName(own)}, not map[string]interface {}`,
          )
        const inner = { ...own }
        this.key(inner, depth + 1)
        if (Object.keys(inner).length === 0) throw new HelmError(`key map ${JSON.stringify(text)} has no value`)
        set(map, text, inner)
      }
    }
  }

  #index(): number {
    const { text } = this.#until(']')
    if (!/^[+-]?\d+$/.test(text))
      throw new HelmError(`error parsing index: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
    const index = Number(text)
    if (index < 0) throw new HelmError(`negative ${index} index not allowed`)
    if (index > mostIndex)
      throw new HelmError(`index of ${index} is greater than maximum supported index of ${mostIndex}`)
    return index
  }

  #item(list: unknown[], index: number, depth: number): unknown[] {
    const { text, stop } = this.#until('[.=')
    if (text !== '') throw new HelmError(`unexpected data at end of array index: ${JSON.stringify(text)}`)
    charge(index)
    while (list.length <= index) list.push(null)
    const own = list[index]
    if (stop === '=') list[index] = this.#value()
    else if (stop === '[')
      list[index] = this.#item(Array.isArray(own) ? [...(own as unknown[])] : [], this.#index(), depth)
    else if (stop === '.') {
      const inner = isGoMap(own) ? { ...own } : {}
      this.key(inner, depth)
      list[index] = inner
    }
    return list
  }

  #value(): unknown {
    const reading = this.#reading
    if (reading === 'json') return this.#json()
    if (reading === 'literal') {
      const rest = this.#runes.slice(this.#at).join('')
      this.#at = this.#runes.length
      return rest
    }
    if (this.#runes[this.#at] !== '{') return this.#read(this.#until(',').text)
    this.#at++
    const list: unknown[] = []
    for (;;) {
      const { text, stop } = this.#until(',}')
      if (stop === undefined) throw new HelmError("list must terminate with '}'")
      list.push(this.#read(text))
      if (stop === ',') continue
      if (this.#runes[this.#at] === ',') this.#at++
      return list
    }
  }

  #read(text: string): unknown {
    if (typeof this.#reading === 'object') return this.#reading.file(text)
    return this.#reading === 'text' ? text : typedValue(text)
  }

  /** One JSON value, and the comma behind it. */
  #json(): unknown {
    const rest = this.#runes.slice(this.#at).join('')
    if (/^\s*(,|$)/.test(rest)) {
      this.#at += [.../^\s*,?/.exec(rest)![0]].length
      return null
    }
    const length = jsonLength(rest)
    let value: unknown
    try {
      value = JSON.parse(rest.slice(0, length)) as unknown
    } catch {
      throw new HelmError(jsonFault(rest.slice(0, length))!)
    }
    this.#at += [...rest.slice(0, length)].length
    const after = this.#runes.slice(this.#at).join('')
    this.#at += [.../^\s*,?/.exec(after)![0]].length
    return value
  }
}

/** How many characters the first JSON value has. */
function jsonLength(text: string): number {
  let depth = 0
  let inText = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (inText) {
      if (char === '\\') at++
      else if (char === '"') inText = false
    } else if (char === '"') inText = true
    else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') depth--
    else if (char === ',' && depth === 0) return at
    if (depth === 0 && !inText && (char === '}' || char === ']')) return at + 1
  }
  return text.length
}

/** Source: typedVal */
function typedValue(text: string): unknown {
  const lower = text.toLowerCase()
  if (lower === 'true') return true
  if (lower === 'false') return false
  if (lower === 'null') return null
  if (text === '0') return 0n
  if (/^[+-]?[1-9]\d*$|^[+-]0\d*$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''))
    if (BigInt.asIntN(64, value) === value) return value
  }
  return text
}

function set(map: GoMap, key: string, value: unknown): void {
  if (key !== '') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
}

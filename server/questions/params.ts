/** Parameters of a variant: drawn from a seed, and put into texts. */
import { chanceOf } from './chance.ts'

export type ParamSpecs = Record<
  string,
  { oneOf: (string | number)[] } | { int: { min: number; max: number; step?: number } }
>
export type Params = Record<string, string | number>

/** Draws each parameter from a stream of its own, so that adding one does not change the others. */
export function drawParams(specs: ParamSpecs, seed: string): Params {
  const params: Params = {}
  for (const [name, spec] of Object.entries(specs)) {
    const chance = chanceOf(`${seed}/${name}`)
    if ('oneOf' in spec) params[name] = spec.oneOf[chance.below(spec.oneOf.length)]!
    else {
      const { min, max, step = 1 } = spec.int
      params[name] = min + step * chance.below(Math.floor((max - min) / step) + 1)
    }
  }
  return params
}

/** Every variant that can be drawn, and how many of the equally likely draws give it: a value that stands twice in a list counts twice. */
export function variantsOf(specs: ParamSpecs): { params: Params; draws: number }[] {
  const all = Object.entries(specs).reduce<Params[]>(
    (variants, [name, spec]) =>
      variants.flatMap((params) => valuesOf(spec).map((value) => ({ ...params, [name]: value }))),
    [{}],
  )
  const found = new Map<string, { params: Params; draws: number }>()
  for (const params of all) {
    const key = JSON.stringify(params)
    const known = found.get(key)
    if (known) known.draws++
    else found.set(key, { params, draws: 1 })
  }
  return [...found.values()]
}

function valuesOf(spec: ParamSpecs[string]): (string | number)[] {
  if ('oneOf' in spec) return spec.oneOf
  const { min, max, step = 1 } = spec.int
  return Array.from({ length: Math.floor((max - min) / step) + 1 }, (_, n) => min + step * n)
}

/** Replaces `{{name}}` by the parameter's value; unknown names stay as they are. */
export function fillText(text: string, params: Readonly<Params>): string {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (all, name) => String(Object.hasOwn(params, name) ? params[name] : all))
}

/** Fills every text inside a value. A text that is nothing but `{{name}}` becomes the value itself, a number too. */
export function fillAll<T>(value: T, params: Readonly<Params>): T {
  if (typeof value === 'string') {
    const whole = /^\{\{\s*(\w+)\s*\}\}$/.exec(value)?.[1]
    return (whole && whole in params ? params[whole] : fillText(value, params)) as T
  }
  if (Array.isArray(value)) return value.map((item) => fillAll(item, params)) as T
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillAll(item, params)])) as T
  return value
}

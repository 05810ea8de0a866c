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

/** Replaces `{{name}}` by the parameter's value; unknown names stay as they are. */
export function fillText(text: string, params: Readonly<Params>): string {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (all, name) => String(params[name] ?? all))
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

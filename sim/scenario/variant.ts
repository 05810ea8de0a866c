/** Variants: parameters drawn from a seed, and filled into every text that names them. */
import { createRandom } from '../engine/random.ts'
import { compileCel } from './cel.ts'
import type { ParamSpec } from './types.ts'

export type Params = Record<string, string | number>

const maxDraws = 1000

/**
 * The parameters of a variant: seed and specification decide them completely.
 * @param shown of another variant: what learners were shown of it stays, and only hidden parameters are drawn
 * @param reject CEL over the parameters: variants for which one is true are not drawn
 * @throws Error when every draw is rejected
 */
export function drawParams(
  specs: Readonly<Record<string, ParamSpec>>,
  seed: string,
  reject: readonly string[] = [],
  shown: Readonly<Params> = {},
): Params {
  const rejections = reject.map((text) => compileCel(text))
  for (let draw = 0; draw < maxDraws; draw++) {
    const params: Params = {}
    for (const name of Object.keys(specs).sort()) {
      const isShown = Object.hasOwn(shown, name) && !specs[name].hidden
      params[name] = isShown ? shown[name] : drawOne(specs[name], seed, `${name}#${draw}`)
    }
    const isRejected = rejections.some((rejection) => {
      const outcome = rejection.evaluate(params)
      return 'value' in outcome && outcome.value === true
    })
    if (!isRejected) return params
  }
  throw new Error(`no variant is left: reject refuses each of ${maxDraws} draws`)
}

function drawOne(spec: ParamSpec, seed: string, stream: string): string | number {
  const random = createRandom(seed, stream)
  if ('oneOf' in spec) return random.pick(spec.oneOf)
  const { min, max, step = 1 } = spec.int
  return min + step * random.int(0, Math.floor((max - min) / step))
}

/** How many variants there are, as far as lists and ranges tell. */
export const variantCount = (specs: Readonly<Record<string, ParamSpec>>): number =>
  Object.values(specs).reduce(
    (count, spec) =>
      count *
      ('oneOf' in spec
        ? new Set(spec.oneOf).size
        : Math.floor((spec.int.max - spec.int.min) / (spec.int.step ?? 1)) + 1),
    1,
  )

/** The text with each `{{name}}` replaced. @throws Error for a name that is no parameter */
export function fillText(text: string, params: Params): string {
  return text.replace(/\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g, (_, name: string) => {
    if (!Object.hasOwn(params, name))
      throw new Error(`{{${name}}} is no parameter; there are ${Object.keys(params).join(', ') || 'none'}`)
    return String(params[name])
  })
}

/** A value with every text in it filled. A text that is nothing but one parameter becomes its value, numbers included. */
export function fillValue<T>(value: T, params: Params): T {
  if (typeof value === 'string') {
    const whole = /^\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}$/.exec(value)
    if (whole && Object.hasOwn(params, whole[1])) return params[whole[1]] as T
    return fillText(value, params) as T
  }
  if (Array.isArray(value)) return value.map((item) => fillValue(item, params)) as T
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [fillText(key, params), fillValue(item, params)]),
    ) as T
  }
  return value
}

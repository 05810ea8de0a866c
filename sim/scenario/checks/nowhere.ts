/** Words that stand in no object of the cluster, but for some of the learner's own: "written nowhere else". */
import { decodeBase64Lossy } from '../../api/meta/base64.ts'
import { kinds } from '../../api/registry.ts'
import { said } from '../../engine/said.ts'
import { charge, chargeText } from '../../engine/work.ts'
import type { NowhereAssertion } from '../types.ts'
import type { StateAssertion, Verdict } from './assertion.ts'
import { kindNamed } from './history.ts'

/** What others write about what somebody did: it is not kept there by anybody's choice. */
const toldByOthers: ReadonlySet<string> = new Set(['events', 'leases'])

/**
 * Looks at every field of every object, labels and annotations included; of a Secret at what its base64 says.
 * @param but kinds, or objects as `Secret/store`, of the learner's namespace that may hold it
 * @throws Error for an empty text, or a kind that is not there
 */
export function nowhereAssertion({ text, but = [] }: NowhereAssertion): StateAssertion {
  if (text === '') throw new Error('nowhere needs a text to look for')
  // Objects are never changed in place: what was found of one holds for as long as it is there.
  const seen = new WeakMap<object, { path: string | undefined }>()
  const placeIn = (kind: string, object: object): string | undefined => {
    const known = seen.get(object)
    if (known) return known.path
    const path = pathOf(text, kind === 'Secret' ? decoded(object) : object)
    seen.set(object, { path })
    return path
  }
  const left = but.map((text) => {
    const [kind, name] = text.split('/') as [string, string?]
    return { plural: kindNamed(kind).plural, name }
  })
  const isLeft = (plural: string, name: string): boolean =>
    left.some((one) => one.plural === plural && (one.name === undefined || one.name === name))
  const looked = kinds.filter(({ plural }) => !toldByOthers.has(plural))
  const expected = but.length > 0 ? said`the text in no object but ${but.join(', ')}` : said`the text in no object`
  return {
    reads: new Set(looked.map(({ plural }) => plural)),
    evaluate(snapshot): Verdict {
      for (const kind of looked) {
        const own = new Set(snapshot.objects(kind.plural))
        for (const object of snapshot.everywhere(kind.plural)) {
          if (own.has(object) && isLeft(kind.plural, object.metadata.name)) continue
          const path = placeIn(kind.kind, object)
          if (path === undefined) continue
          const { name, namespace } = object.metadata
          const actual = own.has(object)
            ? said`it stands in ${kind.kind}/${name}, ${path}`
            : said`it stands in ${kind.kind}/${name} in the namespace ${namespace}, ${path}`
          return { holds: false, actual, expected }
        }
      }
      return { holds: true, actual: said`it stands nowhere else`, expected }
    },
  }
}

/** Where the text stands: in a value, or in a name of a field. */
function pathOf(text: string, value: unknown, path = ''): string | undefined {
  charge(1)
  if (typeof value === 'string' || typeof value === 'number') {
    const own = String(value)
    chargeText(own.length)
    return own.includes(text) ? path : undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, part] of Object.entries(value)) {
    const own = path === '' ? name : `${path}.${name}`
    // What was applied is told with the fields themselves, and by nobody else.
    if (name === 'managedFields') continue
    const found = name.includes(text) ? own : pathOf(text, part, own)
    if (found !== undefined) return found
  }
  return undefined
}

function decoded(secret: object): object {
  const { data = {} } = secret as { data?: Readonly<Record<string, string>> }
  const plain = Object.entries(data).map(([key, value]) => [key, decodeBase64Lossy(value)])
  return { ...secret, data: Object.fromEntries(plain) }
}

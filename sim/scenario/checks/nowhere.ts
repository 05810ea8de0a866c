/** Words that stand in no object, but for those of some kinds: "written nowhere else". */
import { decodeBase64Lossy } from '../../api/meta/base64.ts'
import { kinds } from '../../api/registry.ts'
import { charge, chargeText } from '../../engine/work.ts'
import type { NowhereAssertion } from '../types.ts'
import type { StateAssertion, Verdict } from './assertion.ts'
import { kindNamed } from './history.ts'

/** What others write about what somebody did: it is not kept there by anybody's choice. */
const toldByOthers: ReadonlySet<string> = new Set(['events', 'leases'])

/**
 * Looks at every field of every object of the learner's namespace, labels and annotations included; of a Secret at what its base64 says.
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
  const left = new Set(but.map((kind) => kindNamed(kind).plural))
  const looked = kinds.filter(({ plural }) => !left.has(plural) && !toldByOthers.has(plural))
  const expected = `the text in no object${but.length > 0 ? ` but ${but.join(', ')}` : ''}`
  return {
    reads: new Set(looked.map(({ plural }) => plural)),
    evaluate(snapshot): Verdict {
      for (const kind of looked)
        for (const object of snapshot.objects(kind.plural)) {
          const path = placeIn(kind.kind, object)
          if (path !== undefined)
            return { holds: false, actual: `it stands in ${kind.kind}/${object.metadata.name}, ${path}`, expected }
        }
      return { holds: true, actual: 'it stands nowhere else', expected }
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

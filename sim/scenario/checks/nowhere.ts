/** Words that stand in no object of the cluster, but for some of the learner's own: "written nowhere else". */
import { decodeBase64Lossy, encodeBase64, utf8Bytes } from '../../api/meta/base64.ts'
import { kinds } from '../../api/registry.ts'
import { said } from '../../engine/said.ts'
import { charge, chargeText } from '../../engine/work.ts'
import type { NowhereAssertion } from '../types.ts'
import { kindNamed } from './history.ts'
import type { StateAssertion, Verdict } from './verdict.ts'

/** What others write about what somebody did: it is not kept there by anybody's choice. */
const toldByOthers: ReadonlySet<string> = new Set(['events', 'leases'])

/**
 * Looks at every field of every object, labels and annotations included; of a Secret, and of a ConfigMap's bytes, at what their base64 says. What is
 * written in base64 stands there as well, whatever is before and after it.
 * @param but kinds, or objects as `Secret/store`, of the learner's namespace that may hold it
 * @throws Error for an empty text, or a kind that is not there
 */
export function nowhereAssertion({ text, but = [] }: NowhereAssertion): StateAssertion {
  if (text === '') throw new Error('nowhere needs a text to look for')
  // Objects are never changed in place: what was found of one holds for as long as it is there.
  const forms = [text, ...inBase64(text)]
  const seen = new WeakMap<object, { path: string | undefined }>()
  const placeIn = (kind: string, object: object): string | undefined => {
    const known = seen.get(object)
    if (known) return known.path
    const path = pathOf(forms, decoded(kind, object))
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

/** Fewer characters than these might stand anywhere by chance. */
const fewestOfBase64 = 6

/** The characters of base64 that the text alone decides, for each place in a group of three bytes that it may begin at. */
function inBase64(text: string): string[] {
  const bytes = utf8Bytes(text)
  return [0, 1, 2]
    .map((before) => {
      const from = Math.ceil((before * 8) / 6)
      const to = Math.floor(((before + bytes.length) * 8) / 6)
      return encodeBase64([...Array<number>(before).fill(0), ...bytes]).slice(from, to)
    })
    .filter((form) => form.length >= fewestOfBase64)
}

/** Where one of the texts stands: in a value, or in a name of a field. */
function pathOf(texts: readonly string[], value: unknown, path = ''): string | undefined {
  charge(1)
  if (typeof value === 'string' || typeof value === 'number') {
    const own = String(value)
    chargeText(own.length * texts.length)
    return texts.some((text) => own.includes(text)) ? path : undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, part] of Object.entries(value)) {
    const own = path === '' ? name : `${path}.${name}`
    // What was applied is told with the fields themselves, and by nobody else.
    if (name === 'managedFields') continue
    const found = texts.some((text) => name.includes(text)) ? own : pathOf(texts, part, own)
    if (found !== undefined) return found
  }
  return undefined
}

/** The object with the text of what it holds in base64 by its kind. */
function decoded(kind: string, object: object): object {
  const field = kind === 'Secret' ? 'data' : kind === 'ConfigMap' ? 'binaryData' : undefined
  const held = field && (object as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>)[field]
  if (!field || !held) return object
  const plain = Object.entries(held).map(([key, value]) => [key, decodeBase64Lossy(value)])
  return { ...object, [field]: Object.fromEntries(plain) }
}

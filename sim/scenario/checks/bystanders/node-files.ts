/** Files of nodes by which these run as they do: they are as they were handed over, but for those of the work. */
import { said } from '../../../engine/said.ts'
import { chargeText } from '../../../engine/work.ts'
import { KubectlError } from '../../../kubectl/errors.ts'
import { parseYamlValue } from '../../../kubectl/yaml.ts'
import { nodeCredentialFiles } from '../../../kubelet/pull-secrets.ts'
import type { ConfigurationFile } from '../../../node-shell/configuration.ts'
import { escaped, fieldsOf, firstDifferent } from '../unchanged.ts'

type OfNodes = ReadonlyMap<string, ReadonlyMap<string, ConfigurationFile>>

/**
 * What came, went, says something else, or has another mode or owner, by node and path. Space at the end of lines, empty lines and comments say nothing. A node that came later
 * is whoever's made it. What comes beside is told only of folders that are read as a whole: units, static Pods, jobs of cron.
 * @param mayChange patterns `NODE:PATH`, with `*` for any characters, and fields behind it where of a file of YAML only these may be others; a pattern that
 *   is none is an error. What they name is not open to everybody's writing
 * @param isLookOnly what comes beside is told wherever it is
 */
export function changesOfNodes(
  before: OfNodes,
  now: OfNodes,
  mayChange: readonly string[],
  isLookOnly: boolean,
): string[] {
  const free = mayChange.map(readFilePattern)
  return [...before].flatMap(([node, files]) => {
    const present = now.get(node)
    if (!present) return []
    const told = [...new Set([...files.keys(), ...present.keys()])].flatMap((path) => {
      const [then, own] = [files.get(path), present.get(path)]
      const freedom = free.find(({ pattern }) => pattern.test(`${node}:${path}`))
      if (freedom) {
        if (isOpen(own) && !isOpen(then)) return said`${path} of ${node} may be written by everybody`
        const field = freedom.fields.length > 0 ? differenceBut(freedom.fields, then?.text, own?.text) : undefined
        return field === undefined ? [] : said`${path} of ${node} was changed: ${field}`
      }
      // Folders are told by what is in them.
      if ((then ?? own)!.kind === 'directory' && (!then || !own)) return []
      if (!then) return isLookOnly || isReadAsAWhole(path) ? said`${path} of ${node} was added` : []
      if (!own) return said`${path} of ${node} was removed`
      if (!isSame(then.text, own.text)) return said`${path} of ${node} was changed`
      if (then.owner !== own.owner) return said`the owner of ${path} of ${node} was changed`
      return then.mode === own.mode ? [] : said`the mode of ${path} of ${node} was changed`
    })
    return told
  })
}

/** Of a link it says nothing. */
const isOpen = (file: ConfigurationFile | undefined): boolean =>
  file !== undefined && file.kind !== 'symlink' && (file.mode & 0o002) !== 0

/** Whatever lies there is used: by the kubelet each file but those with a dot in front, by others those that end as they should. */
const isReadAsAWhole = (path: string): boolean =>
  nodeCredentialFiles.includes(path) ||
  /^\/etc\/kubernetes\/manifests\/[^./][^/]*$/.test(path) ||
  (/^\/(?:etc\/systemd\/system|usr\/lib\/systemd\/system|etc\/cni\/net\.d|etc\/cron\.d|var\/spool\/cron)\/.+/.test(
    path,
  ) &&
    !/(?:~|\.(?:bak|orig|old|swp|save|rpmnew|dpkg-\w+))$/.test(path))

function isSame(then: string | undefined, now: string | undefined): boolean {
  if (then === now) return true
  if (then === undefined || now === undefined) return false
  return inEssence(then) === inEssence(now)
}

function inEssence(text: string): string {
  chargeText(text.length)
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s*[#;]/.test(line))
    .join('\n')
}

/** The first field that is another, but for those; of a text that is no YAML the whole of it. */
function differenceBut(fields: readonly string[], then = '', own = ''): string | undefined {
  const [before, now] = [then, own].map((text) => {
    try {
      return fieldsOf(parseYamlValue(text), fields)
    } catch (error) {
      if (error instanceof KubectlError) return undefined
      throw error
    }
  })
  if (!before || !now) return isSame(then, own) ? undefined : said`its text`
  return firstDifferent(before, now)
}

function readFilePattern(text: string): { pattern: RegExp; fields: string[] } {
  const [file = '', ...fields] = text.split(' ')
  if (!/^[^:/\s]+:\/\S+$/.test(file) || fields.includes(''))
    throw new Error(`files of nodes are NODE:PATH, with * for any, and fields behind it; not: ${text}`)
  return { pattern: new RegExp(`^${file.split('*').map(escaped).join('.*')}$`), fields }
}

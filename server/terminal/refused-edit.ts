/**
 * kubectl edit, when the API server does not take what the editor was left with: what is said, and what stands in the file when it is
 * opened again. Source: editResults and editHeader in k8s.io/kubectl/pkg/cmd/util/editor/editoptions.go
 */

const editHeader = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`
const lastAppliedHeader = `# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
`

/** A line that opens an editor. */
export interface EditLine {
  /** What stands above the text. */
  header: string
  /** The command that gives the text. */
  reading: readonly string[]
  /** The line's words behind the command. */
  rest: string[]
}

export function editLineOf(args: readonly string[]): EditLine | undefined {
  if (args[0] === 'edit') return { header: editHeader, reading: ['get'], rest: args.slice(1) }
  if (args[0] !== 'apply' || args[1] !== 'edit-last-applied') return undefined
  return { header: lastAppliedHeader, reading: ['apply', 'view-last-applied'], rest: args.slice(2) }
}

export interface Refusal {
  /** On stderr. */
  told: string
  /** What the file is opened again with, above the text; undefined when it is not opened again. */
  reasons?: string
  /** Whether `kubectl replace` may do better. */
  isForReplace?: boolean
}

/** @param stderr of the attempt to send it @param text of the object as it was */
export function readRefusal(stderr: string, text: string): Refusal {
  // What the server warned of stands before what it refused.
  const [warnings] = /^(?:Warning: .*\n)*/.exec(stderr) ?? ['']
  const refusal = readRefused(stderr.slice(warnings.length), text)
  return { ...refusal, told: warnings + refusal.told }
}

function readRefused(stderr: string, text: string): Refusal {
  const [, kind = '', name, causes = ''] = /^The (\S+) "([^"]*)" is invalid: ([\s\S]*)$/.exec(stderr) ?? []
  if (name !== undefined) {
    const list = causes
      .trim()
      .split(/\n?\* /)
      .filter(Boolean)
    const object = `${resourceOf(kind, text)} "${name}"`
    const reasons = [`${object} was not valid:`, ...list.map((cause) => `* ${cause}`)]
    return { told: `error: ${object} is invalid\n`, reasons: inFile(reasons) }
  }
  const broken = /^error: ((?:error|unable to) pars(?:e|ing)[\s\S]*)$/.exec(stderr)?.[1]
  if (broken !== undefined)
    return { told: '', reasons: inFile([`The edited file had a syntax error: ${broken.trim()}`]) }
  const refused = /^Error from server(?: \(\w+\))?: ([\s\S]*)$/.exec(stderr)?.[1]
  if (refused === undefined) return { told: stderr }
  const [, shownKind = ''] = /^kind: (\S+)/m.exec(text) ?? []
  const [, shownName = ''] = /^ {2}name: (\S+)/m.exec(text) ?? []
  const object = `${resourceOf(shownKind, text)} "${shownName}"`
  return { told: `error: ${object} could not be patched: ${refused.trimEnd()}\n`, isForReplace: true }
}

/** The text as it was left, below what is wrong with it. */
export const reopened = (header: string, reasons: string, text: string): string =>
  header + reasons + text.replace(/^(?:#.*\n)*/, '')

/** What counts of a text: not its comments. */
export const withoutComments = (text: string): string => text.replaceAll(/^#.*(?:\n|$)/gm, '')

const inFile = (reasons: readonly string[]): string =>
  `${reasons.map((reason) => `# ${reason.replaceAll('\n', '\n# ')}\n`).join('')}#\n`

/** As the API calls its objects: `deployments.apps`. */
function resourceOf(kind: string, text: string): string {
  const [, group] = /^apiVersion: ([\w.-]+)\//m.exec(text) ?? []
  const lower = kind.toLowerCase()
  const plural = /[^aeiou]y$/.test(lower)
    ? `${lower.slice(0, -1)}ies`
    : /endpoints$/.test(lower)
      ? lower
      : `${lower}${/(s|x|ch|sh)$/.test(lower) ? 'es' : 's'}`
  return group ? `${plural}.${group}` : plural
}

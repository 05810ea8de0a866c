/**
 * The kubelet as a service: its unit and the drop-ins beside it, as systemd reads them, and the command that comes of them. Simplified: of a
 * unit only what makes the command does something. Sources: systemd.unit(5), systemd.service(5), systemd.exec(5)
 */
import type { ContainerFiles } from '../../runtime/file-system.ts'

type Files = Pick<ContainerFiles, 'exists' | 'list' | 'read' | 'stat'>

/** Where a unit may be; the first one counts. */
const UNIT_FILES = ['/etc/systemd/system/kubelet.service', '/lib/systemd/system/kubelet.service'] as const
/** Where its drop-ins may be; of one name the first one counts. */
const DROP_IN_FOLDERS = ['/etc/systemd/system/kubelet.service.d', '/lib/systemd/system/kubelet.service.d'] as const

/** The lines of the unit and of its drop-ins as they lie on the disk; undefined where there is no unit. */
export function unitText(files: Files): string | undefined {
  const unit = UNIT_FILES.find((path) => files.exists(path))
  if (unit === undefined) return undefined
  const dropIns = new Map<string, string>()
  for (const folder of DROP_IN_FOLDERS) {
    if (!files.exists(folder) || files.stat(folder).type !== 'directory') continue
    for (const name of files.list(folder))
      if (name.endsWith('.conf') && !dropIns.has(name)) dropIns.set(name, files.read(`${folder}/${name}`))
  }
  const ordered = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  return [files.read(unit), ...ordered].join('\n')
}

/** The command of a unit, its variables filled in; [] where it names none. @param text as `unitText` gives it */
export function commandOf(text: string, files: Files): readonly string[] {
  const variables = new Map<string, string>()
  let command = ''
  for (const line of linesOf(text)) {
    const [, name, value = ''] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? []
    if (name === 'ExecStart') command = value
    else if (name === 'Environment') for (const [key, given] of assignmentsIn(value)) variables.set(key, given)
    else if (name === 'EnvironmentFile')
      for (const [key, given] of fileAssignments(files, value)) variables.set(key, given)
  }
  return wordsOf(command, variables)
}

/** With continued lines put together, without comments. */
const linesOf = (text: string): string[] =>
  text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;[]/.test(line))

/** `"NAME=a b" OTHER=c` */
const assignmentsIn = (text: string): [string, string][] =>
  splitWords(text).flatMap((word): [string, string][] => {
    const at = word.indexOf('=')
    return at > 0 ? [[word.slice(0, at), word.slice(at + 1)]] : []
  })

/** @param path with `-` before it where it need not be there */
function fileAssignments(files: Files, path: string): [string, string][] {
  const name = path.replace(/^-/, '')
  if (!files.exists(name)) return []
  return linesOf(files.read(name)).flatMap((line): [string, string][] => {
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
    return key === undefined ? [] : [[key, value.replace(/^(["'])(.*)\1$/, '$2')]]
  })
}

/** A variable that is a word of its own may become several, or none. */
function wordsOf(command: string, variables: ReadonlyMap<string, string>): string[] {
  return splitWords(command.replace(/^[-@:+!]+/, '')).flatMap((word) => {
    const [, name] = /^\$(\w+)$/.exec(word) ?? []
    if (name !== undefined) return splitWords(variables.get(name) ?? '')
    return [word.replace(/\$\{(\w+)\}/g, (_, inner: string) => variables.get(inner) ?? '')]
  })
}

/** By spaces, but for those within quotation marks. */
const splitWords = (text: string): string[] =>
  [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) =>
    double === undefined ? (single ?? plain ?? '') : double.replace(/\\(.)/g, '$1'),
  )

import { readdirSync, readFileSync } from 'node:fs'

const literal = `'(?:\\\\.|[^'\\\\\\n])*'|"(?:\\\\.|[^"\\\\\\n])*"|\`(?:\\\\.|[^\`\\\\$])*\``
const given = new RegExp(`(?<![\\w.])(?:t|th|msg)\\(\\s*(${literal})`, 'g')
const counted = new RegExp(`(?<![\\w.])tn\\([^'"\`]+?,\\s*(${literal}),\\s*(${literal})`, 'g')

/** The texts of the interface, each with the file that uses it: literals given to `t`, `th`, `msg`, and the second form given to `tn`. */
export function textsUsedIn(folders: readonly string[]): Map<string, string> {
  return found(folders, (code) => [
    ...[...code.matchAll(given)].map(([, text]) => text!),
    ...[...code.matchAll(counted)].map(([, , many]) => many!),
  ])
}

/** All that English readers see: the texts, and of those that count something the form for one of it, which other languages may lack. */
export function englishTextsIn(folders: readonly string[]): Map<string, string> {
  const ofOne = found(folders, (code) => [...code.matchAll(counted)].map(([, one]) => one!))
  return new Map([...ofOne, ...textsUsedIn(folders)])
}

function found(folders: readonly string[], literalsIn: (code: string) => string[]): Map<string, string> {
  const texts = new Map<string, string>()
  for (const folder of folders)
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|js|eta)$/.test(path) || path.startsWith('generated/') || path.startsWith('i18n/')) continue
      // A literal of the project's own code, as JavaScript reads it.
      for (const text of literalsIn(readFileSync(`${folder}/${path}`, 'utf8')))
        texts.set(new Function(`return ${text}`)() as string, `${folder}/${path}`)
    }
  return texts
}

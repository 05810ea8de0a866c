/** Words that the house does not use, and what texts say of feature gates. Pure. */
import { z } from 'zod'
import type { FeatureGate } from '../../sim/index.ts'
import { original } from '../i18n/locale.ts'
import { type Problem, readYaml } from './source.ts'

/** Where the list of words lies in a folder of content. */
const wordsFile = 'words.yaml'

const wordList = z.array(
  z.strictObject({
    /** A regular expression: whole words, in any case. */
    word: z.string().min(1),
    say: z.string().min(1),
    locale: z.string().default(original),
  }),
)

interface Rule {
  locale: string
  pattern: RegExp
  say: string
}

/**
 * Looks through every line of every text.
 * @param files texts by their path within the content @param gates those of v1.36 by name
 * @returns a problem for each word of the list, and for what is said of a feature gate and is not so in v1.36
 */
export function findWording(files: ReadonlyMap<string, string>, gates: ReadonlyMap<string, FeatureGate>): Problem[] {
  const problems: Problem[] = []
  const rules = readRules(files, problems)
  for (const [path, text] of files) {
    // These name words that texts do not use, and former names of items.
    if (path === wordsFile || path === 'moved.yaml' || path === 'hands-on.yaml') continue
    const locale = /\.([a-z]{2})\.(?:md|yaml)$/.exec(path)?.[1] ?? original
    const own = rules.filter((rule) => rule.locale === locale)
    for (const [n, line] of text.split('\n').entries()) {
      const at = { file: `content/${path}`, line: n + 1 }
      for (const { pattern, say } of own) {
        const found = pattern.exec(line)
        if (found) problems.push({ ...at, message: `"${found[0]}" is not what we write: ${say}` })
      }
      problems.push(...gateMistakes(line, gates).map((message) => ({ ...at, message })))
    }
  }
  return problems
}

function readRules(files: ReadonlyMap<string, string>, problems: Problem[]): Rule[] {
  const text = files.get(wordsFile)
  if (text === undefined) return []
  const at = { file: `content/${wordsFile}`, line: 1 }
  const read = readYaml(text, wordList, at, problems)
  return (read?.value ?? []).flatMap(({ word, say, locale }, n): Rule[] => {
    try {
      // Chinese has no spaces between words.
      const whole = locale === original ? `(?<![\\w-])(?:${word})(?![\\w-])` : word
      return [{ locale, say, pattern: new RegExp(whole, 'iu') }]
    } catch (error) {
      problems.push({ ...at, line: read!.lineOf([n]), message: `word: ${(error as Error).message}` })
      return []
    }
  })
}

/** Kinds have names like gates: a line means one only where it speaks of gates. */
const speaksOfGates = /\bgates?\b|门控/

const saysOn = /\bon by default\b|默认开启/
const saysOff = /\boff by default\b|默认关闭/

/** A line that names a gate says whether it is on: that is what a reader has to know, and what a new version changes. */
function gateMistakes(line: string, gates: ReadonlyMap<string, FeatureGate>): string[] {
  const unknown = [...line.matchAll(/feature gates? `(\w+)`|`(\w+)` feature gate/g)]
    .map(([, before, after]) => (before ?? after)!)
    .filter((name) => !gates.has(name))
  const names = speaksOfGates.test(line) ? line.matchAll(/`(\w+)`/g) : []
  const named = [...new Set([...names].map(([, name]) => name!))].flatMap((name) => {
    const gate = gates.get(name)
    return gate ? [{ name, ...gate }] : []
  })
  return [
    ...unknown.map((name) => `v1.36 has no feature gate ${name}`),
    ...named.flatMap(({ name, stage, isOn }) => {
      const is = `the feature gate ${name} is ${isOn ? 'on' : 'off'} by default in v1.36 (${stage})`
      return (isOn ? saysOn : saysOff).test(line) ? [] : [`${is}: say so where it is named`]
    }),
  ]
}

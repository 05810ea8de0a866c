/** The first text of a translation: what there is to translate, in the shape that a translation has. */
import { stringify } from 'yaml'
import { challengeTextPaths, textOfChallenge } from '../../server/catalog/challenge-texts.ts'
import { exerciseTexts } from '../../server/catalog/exercises.ts'
import { splitFrontMatter } from '../../server/catalog/source.ts'
import { blockTexts } from '../../server/catalog/translations.ts'
import type { Catalog } from '../../server/catalog/types.ts'
import { versionOf } from '../../server/catalog/version.ts'
import { workshopTexts } from '../../server/catalog/workshops.ts'
import { pickTexts } from '../../server/i18n/overlay.ts'
import { questionType } from '../../server/questions/registry.ts'

/** @param path of the original under content/, such as `lessons/pod/probes.md`. @returns undefined when there is no such item */
export function beginTranslation(catalog: Catalog, path: string, text: string): string | undefined {
  const [, kind, id] =
    /^(lessons|questions|tracks|workshops|exercises|challenges)\/(.+?)(?:\/challenge)?\.md$/.exec(path) ?? []
  const item =
    kind && id
      ? catalog[kind as 'lessons' | 'questions' | 'tracks' | 'workshops' | 'exercises' | 'challenges'].get(id)
      : undefined
  const split = splitFrontMatter(text)
  if (!item || !split) return undefined
  const texts =
    'spec' in item
      ? { title: item.title, summary: item.summary, ...(pickTexts(item.texts, challengeTextPaths) as object) }
      : 'data' in item
        ? pickTexts({ title: item.title, ...(item.data as object) }, ['title', ...questionType(item.type).texts])
        : pickTexts(
            item,
            kind === 'workshops' ? workshopTexts : kind === 'exercises' ? exerciseTexts : ['title', 'summary'],
          )
  const { id: _, ...fields } = texts as Record<string, unknown>
  const front = `of: '${originalVersion(catalog, path, text)}'\n${stringify(fields, { lineWidth: 0 })}`
  return `---\n${front}---\n${'parts' in item ? withBlocksOf(item.parts, split.body) : split.body}`
}

/** What a translation of the text at this path says in `of`. */
export function originalVersion(catalog: Catalog, path: string, text: string): string {
  const challenge = catalog.challenges.get(/^challenges\/(.+)\/challenge\.md$/.exec(path)?.[1] ?? '')
  return versionOf(challenge ? textOfChallenge(text, challenge.texts) : text)
}

/** The body with its blocks reduced to their texts. */
function withBlocksOf(parts: readonly object[], body: string): string {
  const blocks = parts.flatMap((part) => ('html' in part ? [] : Object.values(part)))
  let place = 0
  return body.replace(
    /^```(scenario|explorer|diagram)[ \t]*\n[\s\S]*?^```[ \t]*$/gm,
    (_, fence: keyof typeof blockTexts) => {
      const texts = pickTexts(blocks[place++], blockTexts[fence]) as Record<string, unknown>
      return `\`\`\`${fence}\n${stringify(texts, { lineWidth: 0 })}\`\`\``
    },
  )
}

/** Links of the content to pages of the content: each leads somewhere. */
import type { Problem } from './source.ts'
import type { Catalog } from './types.ts'

/** `](/lessons/pod/first-pod#probes)`, also as an attribute of HTML. */
const link = /(?:\]\(|href=")\/(lessons|questions|challenges|tracks)\/([^)\s"#?]+)(?:#([^)\s"]+))?/g

/** @param files texts by their path within the content */
export function findDeadLinks(files: ReadonlyMap<string, string>, catalog: Catalog): Problem[] {
  return [...files].flatMap(([path, text]) =>
    path.endsWith('.md')
      ? text.split('\n').flatMap((line, n) =>
          [...line.matchAll(link)].flatMap(([, kind, id, heading]): Problem[] => {
            const message = mistakeIn(kind as Kind, id!, heading, catalog)
            return message === undefined ? [] : [{ file: `content/${path}`, line: n + 1, message }]
          }),
        )
      : [],
  )
}

type Kind = 'lessons' | 'questions' | 'challenges' | 'tracks'

function mistakeIn(kind: Kind, id: string, heading: string | undefined, catalog: Catalog): string | undefined {
  const item = catalog[kind].get(id)
  if (!item) return `the link /${kind}/${id} leads nowhere: there is none of that name in content/${kind}`
  if (heading === undefined || !('headings' in item)) return undefined
  const headings = item.headings.map((known) => known.id)
  // Headings of a translation have the anchors of the original.
  if (headings.includes(heading)) return undefined
  return `the link /${kind}/${id}#${heading} leads to no heading; there are ${headings.join(', ')}`
}

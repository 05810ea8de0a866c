/**
 * The statement of a challenge, and which checks hold what it says. Each bullet, and any other line that asks for something, ends with the
 * ids of its checks in braces: `- The Service answers. {answers}`. Learners do not see them.
 */
import type { ChallengeSpec } from '../../sim/index.ts'

const mark = /[ \t]*(?<!\{)\{([a-z0-9-]+(?:,[ \n]+[a-z0-9-]+)*)\}(?=[ \t]*$)/gm

export interface ReadStatement {
  /** As learners read it. */
  text: string
  problems: string[]
}

/** What is read before the work, and what after it. */
export function splitAtDebrief(body: string): [statement: string, debrief: string] {
  const [statement, debrief] = body.split(/^## Debrief[ \t]*$/m)
  return [statement!.trim(), (debrief ?? '').trim()]
}

/**
 * Takes the marks out, and tells what is asked and not checked, checked and not asked, and marked with a check that is not there.
 * The gate that everything else stays as it was holds for each challenge: no statement has to say it.
 */
export function readStatement(marked: string, checks: ChallengeSpec['checks']): ReadStatement {
  const named = new Set([...marked.matchAll(mark)].flatMap(([, ids]) => ids!.split(/,\s+/)))
  const asked = checks.filter(({ assert, hidden }) => !hidden && !(assert && 'bystanders' in assert))
  return {
    text: marked.replaceAll(mark, ''),
    problems: [
      ...bulletsOf(marked)
        .filter((bullet) => bullet.match(mark) === null)
        .map((bullet) => `the statement asks for something that no check is named for: “${beginningOf(bullet)}”`),
      ...asked
        .filter(({ id }) => !named.has(id))
        .map(
          ({ id }) => `the statement does not ask for what the check ${id} holds: end the line that does with {${id}}`,
        ),
      ...[...named]
        .filter((id) => !checks.some((check) => check.id === id))
        .map((id) => `the statement names a check ${id} that is not there`),
    ],
  }
}

/** The items of its lists, each with the lines that belong to it. */
const bulletsOf = (text: string): string[] =>
  [...text.matchAll(/^(?:[-*]|\d+\.) .*(?:\n(?![-*] |\d+\. |\s*$).*)*/gm)].map(([bullet]) => bullet)

const beginningOf = (bullet: string): string => bullet.replaceAll(/\s+/g, ' ').slice(2, 62)

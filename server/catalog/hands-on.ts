/** Which challenges hands-on exams draw their tasks from: `hands-on.yaml`, by exam and group. */
import { z } from 'zod'
import { handsOnGroups, handsOnPools } from './exams.ts'
import { type Problem, readYaml } from './source.ts'
import type { Catalog, HandsOn } from './types.ts'

const ids = z.array(z.string().min(1)).min(1)

/** Of each exam the groups that it gives points for; of one that is left out nothing is asked. */
const handsOnFile = z.strictObject(
  Object.fromEntries(
    handsOnPools.map((pool) => [
      pool,
      z
        .strictObject(Object.fromEntries(Object.keys(handsOnGroups[pool]).map((group) => [group, ids.optional()])))
        .optional(),
    ]),
  ),
)

/** As the file has them; what is wrong with it is added to `problems`. */
export function readHandsOn(
  files: ReadonlyMap<string, string>,
  { challenges }: Pick<Catalog, 'challenges'>,
  problems: Problem[],
): HandsOn {
  const at = { file: 'content/hands-on.yaml', line: 1 }
  const source = files.get('hands-on.yaml')
  const read = source === undefined ? undefined : readYaml(source, handsOnFile, at, problems)
  if (!read) return {}
  for (const [pool, groups] of Object.entries(read.value)) {
    const known = new Set<string>()
    for (const [group, listed] of Object.entries(groups ?? {}))
      for (const [n, id] of (listed ?? []).entries()) {
        const complain = (message: string) =>
          problems.push({ ...at, line: read.lineOf([pool, group, n]), message: `${pool}: ${message}` })
        if (!challenges.has(id)) complain(`there is no challenge "${id}"`)
        // One cluster a task: the same one twice would be asked twice.
        if (known.has(id)) complain(`"${id}" is listed twice`)
        known.add(id)
      }
  }
  return read.value as HandsOn
}

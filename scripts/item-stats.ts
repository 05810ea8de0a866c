/**
 * Classical statistics of each item, of the first tries that are stored: `npm run --silent item-stats -- [--data FOLDER] [--sitting ID]`.
 * One JSON line an item, then of exercises one for each variant and for each question about groups; while the server is stopped, since it has the folder for itself. Nothing is written.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadCatalog } from '../server/catalog/load.ts'
import type { Catalog } from '../server/catalog/types.ts'
import { parseConfig } from '../server/config.ts'
import { impactsIn, readingOf } from '../server/hiring/fairness.ts'
import { fromStored } from '../server/journal/stored.ts'
import { workOfActs } from '../server/journal/work.ts'
import { variantDrifts } from '../server/practice/variant-tries.ts'
import { questionType } from '../server/questions/registry.ts'
import { firstTries, type WorkInSitting } from '../server/statistics/first-tries.ts'
import { itemFigures } from '../server/statistics/items.ts'
import type { Sitting, Storage } from '../server/storage/types.ts'
import { createRooms } from '../server/workshops/rooms.ts'
import { reportFailure, withStoredData } from './stored-data.ts'

const usage = `usage: npm run --silent item-stats -- [--data FOLDER] [--content FOLDER] [--sitting ID]
  --data     the server's data folder; DATA_DIR unless told
  --content  where the options of questions are read; CONTENT_DIR unless told
  --sitting  one workshop or exercise alone; practice and all sittings unless told`

type SittingWork = WorkInSitting & { sittingId: string }

/** A sitting, and what each person did in it. */
async function worksIn(storage: Storage, catalog: Catalog, wanted: string | undefined): Promise<SittingWork[]> {
  const rooms = createRooms({ storage, now: Date.now })
  const works: SittingWork[] = []
  const sittings = new Map<string, Sitting | undefined>()
  for (const stream of await storage.journals.names(wanted)) {
    const [sittingId, participantId] = stream.split('/') as [string, string | undefined]
    // Without a seat it is the stream of a room.
    if (participantId === undefined) continue
    if (!sittings.has(sittingId)) sittings.set(sittingId, await storage.sittings.find(sittingId))
    const sitting = sittings.get(sittingId)
    if (sitting && isRehearsal(sitting)) continue
    const acts = (await storage.journals.read(stream, 0, tellDamage)).flatMap(({ entry }) => {
      try {
        return [fromStored(entry)]
      } catch (error) {
        tellDamage(error as Error)
        return []
      }
    })
    const { answers, attempts, mocks } = workOfActs(
      { sittingId, participantId },
      acts,
      (item) => catalog.moved?.get(item) ?? item,
    )
    const person = (await storage.participants.find(sittingId, participantId))?.learnerId ?? participantId
    const order = sitting && (await orderOf(sitting, rooms))
    works.push({
      ...{ sittingId, person, answers, attempts, mocks },
      ...(order ? { order } : {}),
      counts: sitting?.kind === 'hiring' ? 'last grading' : 'first grading',
    })
  }
  return works
}

/** Whoever tries out their own workshop or exercise knows the answers. */
function isRehearsal({ room, exercise }: Sitting & { exercise?: { rehearsalOf?: string } }): boolean {
  return (room?.rehearsalOf ?? exercise?.rehearsalOf) !== undefined
}

/** What everybody in it had before them, in order. */
async function orderOf(
  { id, kind, items }: Sitting,
  rooms: ReturnType<typeof createRooms>,
): Promise<readonly string[] | undefined> {
  if (kind === 'practice') return undefined
  if (kind === 'hiring') return items
  const { steps, openedAt } = await rooms.room(id)
  return steps.flatMap((step) =>
    openedAt.has(step.id) && step.item?.match(/^(?:question|challenge):/) ? [step.item] : [],
  )
}

const tellDamage = ({ message }: Error): void => console.error(`left out: ${message}`)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { data: { type: 'string' }, content: { type: 'string' }, sitting: { type: 'string' } },
  })
  return withStoredData(values.data, async (storage, folder) => {
    const { sitting } = values
    if (sitting !== undefined && (await storage.journals.names(sitting)).length === 0) {
      console.error(`Nobody did anything in a sitting ${sitting} of ${folder}.`)
      return 1
    }
    const folders = values.content === undefined ? parseConfig(process.env).contentDirs : [values.content]
    const { catalog } = await loadCatalog(folders.map((one) => resolve(one)))
    if (catalog.questions.size === 0)
      console.error(
        `There are no questions in ${folders.join(', ')}: nothing is told of options. Name the content with --content.`,
      )
    const optionsOf = (item: string) => {
      const question = catalog.questions.get(item.replace(/^question:/, ''))
      return question && questionType(question.type).options?.(question.data)
    }
    const works = await worksIn(storage, catalog, sitting)
    const { items, people } = firstTries(works, optionsOf, Date.now())
    for (const [at, figures] of itemFigures(people, items).entries())
      console.log(JSON.stringify(lineOf(items[at]!.item, figures)))
    for (const one of await driftLines(storage, catalog, works)) console.log(JSON.stringify(one))
    for (const one of await fairnessLines(storage, sitting)) console.log(JSON.stringify(one))
    return 0
  })
}

/** Null for what is not told. */
function lineOf(item: string, figures: ReturnType<typeof itemFigures>[number]) {
  const { n, facility, itemTotal, upperLower, p50Ms, p90Ms, options, hints, notReached, flags } = figures
  const rest = { facility, itemTotal, upperLower, p50Ms, p90Ms, options, hints, notReached }
  const told = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value ?? null]))
  return { item, n, ...told, flags }
}

/** Of each exercise and item, each value of a parameter that was drawn more than once. */
async function driftLines(storage: Storage, catalog: Catalog, works: readonly SittingWork[]): Promise<object[]> {
  const lines: object[] = []
  for (const sittingId of new Set(works.map((one) => one.sittingId))) {
    const sitting = await storage.sittings.find(sittingId)
    if (sitting?.kind !== 'hiring') continue
    const own = works.filter((one) => one.sittingId === sittingId)
    for (const { item, params } of variantDrifts(sitting, own, catalog).items)
      for (const { param, values } of params)
        for (const { difference, ...rest } of values)
          lines.push({ drift: item, sitting: sittingId, param, ...rest, difference: difference ?? null })
  }
  return lines
}

/** How groups fared in exercises that are over: one for each question that was asked about them. */
async function fairnessLines(storage: Storage, wanted: string | undefined): Promise<object[]> {
  const sittings = wanted === undefined ? (await storage.sittings.ofKind('hiring')).map(({ id }) => id) : [wanted]
  const counts = await Promise.all(sittings.map((id) => storage.groups.counts(id)))
  return counts.flatMap((own) =>
    own
      ? impactsIn(own).map(({ question, groups }) => ({
          ...{ fairness: question, sitting: own.sittingId, people: own.all.people, selected: own.all.selected },
          groups: groups.map((group) => ({ ...group, reading: readingOf(group) })),
        }))
      : [],
  )
}

main().then((code) => {
  process.exitCode = code
}, reportFailure(usage))

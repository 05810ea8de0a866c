/** The report of a workshop as files for other programs: a table, lines of what was done, and statements of the Experience API. Pure. */
import { createHash } from 'node:crypto'
import { stringify } from 'csv-stringify/sync'
import type { RoomAct } from '../../workshops/room-acts.ts'
import type { ReportFigures } from './report-figures.ts'
import type { Cell, StepState } from './seat-status.ts'

/** A step as it is named in files. */
export interface FileStep {
  id: string
  title: string
  /** Of its page. */
  url: string
}

/** A row for each person, three columns for each step. Spreadsheets take none of it for a formula. */
export function csvOf({ people }: ReportFigures, steps: readonly FileStep[]): string {
  return stringify(
    people.map(({ nickname, joinedAtMs, lastMs, hands, cells }) => [
      nickname,
      iso(joinedAtMs),
      iso(lastMs),
      hands,
      ...cells.flatMap((cell) => [cell.state, cell.tries, minutesOf(cell)]),
    ]),
    {
      header: true,
      columns: [
        ...['name', 'joined', 'last_seen', 'hands'],
        ...steps.flatMap(({ title }) => [title, `${title}: tries`, `${title}: minutes`]),
      ].map((header, key) => ({ key: String(key), header })),
      escape_formulas: true,
      bom: true,
    },
  )
}

/**
 * A line for each act of the room, and then for each person at each step. Of those who lead it the ids are left out. Votes of an anonymous poll
 * come without their moment and in no order: the wall shows who votes when.
 */
export function linesOf(acts: readonly RoomAct[], { people }: ReportFigures, steps: readonly FileStep[]): string {
  const nameOf = new Map(people.map(({ seat, nickname }) => [seat, nickname]))
  const ofRoom = acts
    .filter((act) => !isAnonymous(act))
    .map(({ atMs, act, data: { by: _, ...data } }) => ({
      at: iso(atMs),
      act,
      ...('nickname' in data || !('seat' in data) ? data : { ...data, nickname: nameOf.get(data.seat) }),
    }))
  const ofPeople = people.flatMap(({ seat, nickname, cells }) =>
    cells.flatMap((cell, n) =>
      cell.state === 'none'
        ? []
        : [
            {
              // When somebody voted is not kept with them.
              ...(cell.lastMs === undefined ? {} : { at: iso(cell.lastMs) }),
              act: 'step',
              ...{ seat, nickname, step: steps[n]!.id, title: steps[n]!.title },
              ...{ state: cell.state, tries: cell.tries, firstScore: cell.firstScore, failing: cell.failing },
              reasons: cell.reasons,
            },
          ],
    ),
  )
  return [...ofRoom, ...votesOf(acts), ...ofPeople].map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** A vote that names nobody as who did it. */
const isAnonymous = ({ act, data }: RoomAct): boolean => act === 'voted' && data.by === ''

/** What stands of anonymous votes: the last of each voter in each round. */
function votesOf(acts: readonly RoomAct[]): object[] {
  const last = new Map<string, object>()
  for (const one of acts)
    if (one.act === 'voted' && isAnonymous(one)) {
      const { step, round, voter, given } = one.data
      last.set(`${step} ${round} ${voter}`, { act: 'voted', step, round, given })
    }
  return [...last.values()].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

const verbs: Readonly<Record<Exclude<StepState, 'none'>, string>> = {
  begun: 'attempted',
  failing: 'failed',
  done: 'completed',
}

/**
 * One statement for each person at each step that they came to (Experience API 1.0.3). The same report gives the same statements, so that a
 * store that has them already takes none twice.
 * @param place origin of this site, and the address of the workshop
 */
export function statementsOf(
  { people }: ReportFigures,
  steps: readonly FileStep[],
  { origin, url, title }: { origin: string; url: string; title: string },
): object[] {
  return people.flatMap(({ seat, nickname, cells }) =>
    cells.flatMap((cell, n) => {
      if (cell.state === 'none') return []
      const verb = verbs[cell.state]
      return [
        {
          id: uuidOf(`${seat} ${steps[n]!.id} ${cell.state} ${cell.lastMs}`),
          actor: { objectType: 'Agent', name: nickname, account: { homePage: origin, name: seat } },
          verb: { id: `http://adlnet.gov/expapi/verbs/${verb}`, display: { en: verb } },
          object: { objectType: 'Activity', id: steps[n]!.url, definition: { name: { en: steps[n]!.title } } },
          result: {
            completion: cell.state === 'done',
            ...(cell.state === 'begun' ? {} : { success: cell.state === 'done' }),
            ...(cell.lastMs === undefined || cell.firstMs === undefined
              ? {}
              : { duration: `PT${Math.round((cell.lastMs - cell.firstMs) / 1000)}S` }),
          },
          context: {
            contextActivities: { parent: [{ objectType: 'Activity', id: url, definition: { name: { en: title } } }] },
          },
          ...(cell.lastMs === undefined ? {} : { timestamp: iso(cell.lastMs) }),
        },
      ]
    }),
  )
}

const iso = (ms: number): string => new Date(ms).toISOString()

const minutesOf = ({ firstMs, lastMs }: Cell): number | undefined =>
  firstMs === undefined ? undefined : Math.round(((lastMs ?? firstMs) - firstMs) / 6000) / 10

/** A name-based UUID of version 8 (RFC 9562). */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** What somebody did on the stage, as an address says it: `n.n.w2.d14`. */
import type { StageAct } from '../../../sim/index.ts'

/** As many lead to any scene worth seeing, and are played again for each. */
export const mostActs = 300

const plain = { n: 'next', t: 'tick', s: 'second', q: 'all' } as const
const onMessages = { d: 'deliver', l: 'lose' } as const
const onMembers = { w: 'write', k: 'stop', b: 'start', c: 'cut', h: 'hasten', o: 'transfer' } as const

export interface ReadActs {
  acts: StageAct[]
  /** The first word that is no act; what stands before it counts. */
  wrong: string | undefined
}

/** @param members how many there are */
export function readActs(text: string, members: number): ReadActs {
  const acts: StageAct[] = []
  for (const word of text === '' ? [] : text.split('.')) {
    const act = readAct(word, members)
    if (!act || acts.length === mostActs) return { acts, wrong: word.slice(0, 20) }
    acts.push(act)
  }
  return { acts, wrong: undefined }
}

function readAct(word: string, members: number): StageAct | undefined {
  const [, letter, digits] = /^([a-z])(\d{0,5})$/.exec(word) ?? []
  if (letter === undefined) return undefined
  const number = Number(digits)
  if (digits === '') return letter in plain ? { act: plain[letter as keyof typeof plain] } : undefined
  if (letter in onMessages) return { act: onMessages[letter as keyof typeof onMessages], message: number }
  if (letter in onMembers && number >= 1 && number <= members)
    return { act: onMembers[letter as keyof typeof onMembers], member: number }
  return undefined
}

const letterOf = (table: Readonly<Record<string, string>>, act: string): string | undefined =>
  Object.keys(table).find((letter) => table[letter] === act)

export function wordOf(act: StageAct): string {
  if ('message' in act) return `${letterOf(onMessages, act.act)}${act.message}`
  if ('member' in act) return `${letterOf(onMembers, act.act)}${act.member}`
  return letterOf(plain, act.act)!
}

/** What was done beside a terminal, seen in it: whichever process has it open. */
import type { Bus } from '../storage/bus.ts'
import type { Terminals } from './terminals.ts'

const topic = 'terminal-echo'

/** A line that a button stands for, and what came of it. */
export interface Echo {
  line: string
  text: string
}

/** @param key of the terminal */
export async function echoIn(bus: Bus, key: string, { line, text }: Echo): Promise<void> {
  const end = text === '' || text.endsWith('\n') ? '' : '\n'
  await bus.publish(topic, JSON.stringify({ key, text: `\x1b[2m$ ${line}\x1b[0m\n${text}${end}` }))
}

/** Shows from here on what is echoed. @returns what ends it */
export const showEchoes = (bus: Bus, terminals: Pick<Terminals, 'show'>): (() => void) =>
  bus.subscribe(topic, (message) => {
    const { key, text } = JSON.parse(message) as { key: string; text: string }
    terminals.show(key, text)
  })

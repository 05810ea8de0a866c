/** A wall that is watched: its rows as the page and then its stream tell them, and how long after an act the row said so. */
import { get } from 'node:http'
import type { Visitor } from '../measured-site/visitor.ts'

/** Something that a row is to tell. */
export interface Awaited {
  seat: string
  isTold(row: string): boolean
}

const longestWaitMs = 20_000
const rowsOf = /<tr id="seat-([a-f0-9]+)"[\s\S]*?<\/tr>/g

/** What is asked of a row to be as another: who it is, what they need, and how each cell stands; not how many minutes that is. */
const gist = (row: string): string =>
  [...row.matchAll(/class="(wall-row [^"]*|wall-cell [^"]*)"|hand up/g)].map(([all]) => all).join(' ')

export class Wall {
  readonly lagsMs: number[] = []
  /** Waited for in vain. */
  lost = 0
  bytes = 0
  readonly #visitor: Visitor
  readonly #path: string
  readonly #rows = new Map<string, string>()
  readonly #waiting = new Set<Awaited & { sinceMs: number }>()
  #request: ReturnType<typeof get> | undefined

  constructor(visitor: Visitor, path: string) {
    this.#visitor = visitor
    this.#path = path
  }

  /** @throws when the wall is not shown */
  async open(): Promise<void> {
    const { status, text } = await this.#visitor.get(this.#path)
    if (status !== 200) throw new Error(`the wall answered ${status}`)
    this.#take(text)
    const { site, cookie, address } = this.#visitor
    await new Promise<void>((opened, failed) => {
      const headers = { cookie, 'x-forwarded-for': address }
      this.#request = get(`${site}${this.#path}/live`, { headers }, (res) => {
        if (res.statusCode !== 200) return failed(new Error(`the wall's stream answered ${res.statusCode}`))
        let text = ''
        res.setEncoding('utf8').on('data', (part: string) => {
          this.bytes += Buffer.byteLength(part)
          text += part
          const end = text.lastIndexOf('\n\n')
          if (end < 0) return
          this.#take(text.slice(0, end).replaceAll(/^data: /gm, ''))
          text = text.slice(end)
        })
        opened()
      }).on('error', failed)
    })
  }

  /** Counts how long it takes until the row tells it. */
  await(what: Awaited): void {
    const one = { ...what, sinceMs: performance.now() }
    if (what.isTold(this.#rows.get(what.seat) ?? '')) return void this.lagsMs.push(0)
    this.#waiting.add(one)
    setTimeout(() => {
      if (this.#waiting.delete(one)) this.lost++
    }, longestWaitMs).unref()
  }

  /** Rows that stand otherwise on a page that is loaded now. */
  async differing(): Promise<number> {
    const { text } = await this.#visitor.get(this.#path)
    return [...text.matchAll(rowsOf)].filter(([row, seat]) => gist(this.#rows.get(seat!) ?? '') !== gist(row)).length
  }

  /** By nickname. */
  seats(): Map<string, string> {
    return new Map(
      [...this.#rows].map(([seat, row]) => [/class="wall-name"[^>]*>([^<]+)</.exec(row)?.[1]?.trim() ?? '', seat]),
    )
  }

  close(): void {
    this.#request?.destroy()
  }

  #take(html: string): void {
    const nowMs = performance.now()
    for (const [row, seat] of html.matchAll(rowsOf)) {
      this.#rows.set(seat!, row)
      for (const one of this.#waiting)
        if (one.seat === seat && one.isTold(row)) {
          this.lagsMs.push(nowMs - one.sinceMs)
          this.#waiting.delete(one)
        }
    }
  }
}

/** The state of a row's cell: `none`, `begun`, `failing`, `done`. */
export const cellOf = (row: string, at: number): string | undefined =>
  [...row.matchAll(/class="wall-cell is-(\w+)"/g)][at]?.[1]

/** Tests too dear for each run: every commit runs another part of them. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'

/**
 * Whether it is the turn of what has this place among its like.
 * @param {number} place
 * @param {number} parts how many runs it takes to have run all
 * @param {string | undefined} asked `all`, or the number of a part, as somebody asked for; else the commit decides
 */
export function isTurn(place, parts, asked) {
  return asked === 'all' || place % parts === turnOf(parts, asked)
}

/** @returns which part is run, from 0; parameters are those of `isTurn` */
export function turnOf(parts, asked) {
  const turn = /^\d+$/.test(asked ?? '') ? Number(asked) : createHash('sha256').update(commit()).digest()[0]
  return turn % parts
}

let head

function commit() {
  try {
    head ??= execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    // Not a clone.
    head = ''
  }
  return head
}

/** Hostile inputs drawn from a seed: the same seed and number give the same input. */
import { drawApi } from './api-grammar.ts'
import { drawHelm } from './helm-grammar.ts'
import type { HostileInput, Step } from './input.ts'
import { drawFileLine, drawKubectl, drawManifest, drawRunning } from './line-grammar.ts'
import { drawMonitoring } from './monitoring-grammar.ts'
import { drawNode } from './node-grammar.ts'
import { drawPage } from './page-grammar.ts'
import { drawProduct } from './products.ts'
import { type Draw, drawFrom } from './random.ts'
import { challengePath, demoPath, fixPath } from './steps.ts'

const places = { demo: demoPath, fix: fixPath, challenge: challengePath }

const families: readonly (readonly [number, (draw: Draw) => { about: string; steps: Step[] }])[] = [
  [38, drawApi],
  [20, drawKubectl],
  [5, drawFileLine],
  [14, (draw) => drawManifest(draw, places)],
  [13, drawRunning],
  [10, drawPage],
  [12, drawProduct],
  [6, drawHelm],
  [4, drawMonitoring],
  [8, drawNode],
]

export function drawInput(seed: string, number: number): HostileInput {
  const draw = drawFrom(`${seed}:${number}`)
  return { id: `${seed}:${number}`, ...draw.weighted(families)(draw) }
}

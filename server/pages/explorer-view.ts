/** What the explorer of a Pod's life shows: its form, what to mend in it, and the run. Pure but for asking the labs. */
import type { Explorer } from '../catalog/types.ts'
import {
  type Field,
  podLifeFields,
  podLifeManifest,
  podLifeScenario,
  probeNames,
  readPodLife,
  settingsQuery,
} from '../explorers/pod-life.ts'
import { type PodTimeline, viewPodTimeline } from '../explorers/pod-timeline.ts'
import type { PodRun } from '../explorers/types.ts'
import { LabRefusal, type Labs } from '../labs/types.ts'
import { renderMarkdown } from '../render/markdown.ts'

export interface ExplorerModel {
  id: string
  title: string
  /** The page it stands on; settings follow as its query. */
  page: string
  presets: { name: string; href: string; isCurrent: boolean }[]
  groups: ControlGroup[]
  problems: { label: string; href: string; message: string }[]
  /** Why there is no run although the settings are fine. */
  refusal: string | undefined
  run: ExplorerRunModel | undefined
  status: number
  /** The short form of the address, when the one that was asked for is longer. */
  betterHref: string | undefined
  /** For those who do not see that the picture has changed. */
  said: string
}

interface ControlGroup {
  title: string
  isProbe: boolean
  /** A probe that is not used is folded. */
  isOpen: boolean
  controls: (Field & { id: string; name: string; value: string; problem: string | undefined })[]
}

export interface ExplorerRunModel {
  /** The preset that the settings are those of. */
  name: string
  timeline: PodTimeline
  said: string[]
  manifestHtml: string
  href: string
}

const groups: [title: string, names: string[]][] = [
  ['The program', ['run', 'exit', 'term', 'term-after']],
  ['The Pod', ['restart', 'grace', 'delete', 'watch']],
  ...probeNames.map((name): [string, string[]] => [
    `${name[0]!.toUpperCase()}${name.slice(1)} probe`,
    Object.keys(podLifeFields).filter((field) => field === name || field.startsWith(`${name}-`)),
  ]),
]

/**
 * Runs what the address asks for; without settings in it, what the form holds at first.
 * @param given the address's query
 */
export async function explore(
  labs: Pick<Labs, 'explorePod'>,
  who: string,
  explorer: Explorer,
  page: string,
  given: Readonly<Record<string, string>>,
  known: RecentPodRuns,
): Promise<ExplorerModel> {
  const { values, problems, settings } = readPodLife(given)
  const query = settingsQuery(values)
  const hrefOf = (settingsText: string) =>
    `${page}?explorer=${explorer.id}${settingsText ? `&${settingsText}` : ''}#explorer-${explorer.id}`
  const idOf = (name: string) => `${explorer.id}-${name}`
  const model: ExplorerModel = {
    id: explorer.id,
    title: explorer.title,
    page,
    presets: explorer.presets.map((preset) => ({
      name: preset.name,
      href: hrefOf(queryOf(preset.settings)),
      isCurrent: query === queryOf(preset.settings),
    })),
    groups: groups.map(([title, names]) => ({
      title,
      isProbe: (probeNames as readonly string[]).includes(names[0]!),
      isOpen: values[names[0]!] !== 'none' || names.some((name) => name in problems),
      controls: names.map((name) => ({
        ...podLifeFields[name]!,
        id: idOf(name),
        name,
        value: values[name]!,
        problem: problems[name],
      })),
    })),
    problems: Object.entries(problems).map(([name, message]) => ({
      label: labelOf(name),
      href: `#${idOf(name)}`,
      message,
    })),
    refusal: undefined,
    run: undefined,
    status: settings ? 200 : 422,
    betterHref: isShort(given, values) ? undefined : hrefOf(query),
    said: '',
  }
  if (!settings) return model
  try {
    const run =
      known.find(query) ??
      known.keep(
        query,
        await labs.explorePod(who, {
          scenario: podLifeScenario(settings),
          pod: { namespace: 'default', name: 'life' },
          seed: explorer.id,
        }),
      )
    model.run = {
      name:
        explorer.presets.find((preset) => query === queryOf(preset.settings))?.name ??
        (query === '' ? 'A program that runs on' : 'Your settings'),
      timeline: viewPodTimeline(run.history, settings.deleteAt),
      said: run.steps.filter(({ exit }) => exit !== 0).map(({ stderr }) => stderr),
      manifestHtml: renderMarkdown(`\`\`\`yaml\n${podLifeManifest(settings)}\`\`\``),
      href: hrefOf(query),
    }
    model.said = `${model.run.name}. ${model.run.timeline.summary}`
  } catch (error) {
    if (!(error instanceof LabRefusal)) throw error
    model.refusal = error.message
    model.status = error.status
  }
  return model
}

/** Probes have the same controls, so theirs are told with the probe. */
function labelOf(name: string): string {
  const [title, names] = groups.find(([, controls]) => controls.includes(name))!
  const { label } = podLifeFields[name]!
  return probeNames.some((probe) => names.includes(probe)) ? `${title}: ${label}` : label
}

/** Whether the address names no control that has its first value: a form names them all. */
function isShort(given: Readonly<Record<string, string>>, values: Readonly<Record<string, string>>): boolean {
  return Object.entries(podLifeFields).every(
    ([name, { initial }]) => given[name] === undefined || (given[name] === values[name] && values[name] !== initial),
  )
}

const queryOf = (settings: Record<string, string>) => settingsQuery(readPodLife(settings).values)

/** A run depends on nothing but its settings, so it is good for everybody: least recently used go first. */
export class RecentPodRuns {
  private readonly runs = new Map<string, PodRun>()
  private readonly capacity: number
  constructor(capacity = 60) {
    this.capacity = capacity
  }

  find(query: string): PodRun | undefined {
    const run = this.runs.get(query)
    if (run) this.keep(query, run)
    return run
  }

  keep(query: string, run: PodRun): PodRun {
    this.runs.delete(query)
    this.runs.set(query, run)
    for (const oldest of this.runs.keys()) {
      if (this.runs.size <= this.capacity) break
      this.runs.delete(oldest)
    }
    return run
  }
}

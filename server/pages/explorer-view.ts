/** What an explorer shows: its form, what to fix in it, and the run. Pure but for asking the labs. */
import type { Explorer } from '../catalog/types.ts'
import type { PodRun } from '../explorers/pod-history.ts'
import type { PodTimeline } from '../explorers/pod-timeline.ts'
import { explorerType } from '../explorers/registry.ts'
import { type Field, settingsQuery } from '../explorers/settings.ts'
import type { ExplorerType } from '../explorers/types.ts'
import { t } from '../i18n/translate.ts'
import { LabRefusal, type Labs } from '../labs/types.ts'
import { renderMarkdown } from '../render/markdown.ts'

export interface ExplorerModel {
  id: string
  title: string
  /** The page it stands on; settings follow as its query. */
  page: string
  presets: { name: string; href: string; isCurrent: boolean }[]
  groups: FormGroup[]
  problems: { label: string; href: string; message: string }[]
  /** Why there is no run although the settings are fine. */
  refusal: string | undefined
  run: ExplorerRunModel | undefined
  status: number
  /** The short form of the address, when the one that was asked for is longer; it leads to what is to be fixed. */
  betterHref: string | undefined
  /** For those who do not see that the picture has changed. */
  said: string
}

interface FormGroup {
  title: string
  /** It can be folded, and is while it is not used. */
  isFoldable: boolean
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
  const type = explorerType(explorer.id)
  const { values, problems, plan } = type.read(given)
  const query = settingsQuery(type.fields, values)
  const queryOf = (settings: Record<string, string>) => settingsQuery(type.fields, type.read(settings).values)
  const hrefOf = (settingsText: string, place = `explorer-${explorer.id}`) =>
    `${page}?explorer=${explorer.id}${settingsText ? `&${settingsText}` : ''}#${place}`
  const idOf = (name: string) => `${explorer.id}-${name}`
  const toMend = Object.keys(type.fields).filter((name) => name in problems)
  const model: ExplorerModel = {
    id: explorer.id,
    title: explorer.title,
    page,
    presets: explorer.presets.map((preset) => ({
      name: preset.name,
      href: hrefOf(queryOf(preset.settings)),
      isCurrent: query === queryOf(preset.settings),
    })),
    groups: type.groups.map(({ title, controls, unused }) => ({
      title: t(title),
      isFoldable: unused !== undefined,
      isOpen: values[controls[0]!] !== unused || controls.some((name) => name in problems),
      controls: controls.map((name) => ({
        ...inWords(type.fields[name]!),
        id: idOf(name),
        name,
        value: values[name]!,
        problem: problems[name],
      })),
    })),
    problems: toMend.map((name) => ({ label: labelOf(type, name), href: `#${idOf(name)}`, message: problems[name]! })),
    refusal: undefined,
    run: undefined,
    status: plan ? 200 : 422,
    betterHref: isShort(type, given, values) ? undefined : hrefOf(query, toMend[0] && idOf(toMend[0])),
    said: '',
  }
  if (!plan) return model
  try {
    const { scenario, pod } = plan
    const key = `${explorer.id}?${query}`
    const run = known.find(key) ?? known.keep(key, await labs.explorePod(who, { scenario, pod, seed: explorer.id }))
    model.run = {
      name:
        explorer.presets.find((preset) => query === queryOf(preset.settings))?.name ??
        (query === '' ? t(type.firstName) : t('Your settings')),
      timeline: plan.view(run.history),
      said: run.steps.filter(({ exit }) => exit !== 0).map(({ stderr }) => stderr),
      manifestHtml: renderMarkdown(`\`\`\`yaml\n${plan.manifest}\`\`\``),
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

/** A control with its texts in the language of the request. */
function inWords(field: Field): Field {
  const label = t(field.label)
  if (field.kind === 'choice')
    return { ...field, label, options: field.options.map((option) => ({ ...option, label: t(option.label) })) }
  return {
    ...field,
    label,
    ...(field.empty && { empty: t(field.empty) }),
    ...(field.hint && { hint: t(field.hint) }),
  }
}

/** Foldable groups may have controls of the same label, so theirs are told with the group. */
function labelOf({ groups, fields }: ExplorerType, name: string): string {
  const { title, unused } = groups.find(({ controls }) => controls.includes(name))!
  const { label } = fields[name]!
  return unused === undefined ? t(label) : t('{label}: {title}', { label: t(title), title: t(label) })
}

/** Whether the address names no control that has its first value: a form names them all. */
function isShort(
  { fields }: ExplorerType,
  given: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(fields).every(
    ([name, { initial }]) => given[name] === undefined || (given[name] === values[name] && values[name] !== initial),
  )
}

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

/** The content as pages and labs see it. Solutions and wrong answers are not part of it. */

import type { ChallengeSpec, ClusterShape, Fault } from '../../sim/index.ts'
import type { ExplorerId } from '../explorers/registry.ts'
import type { Locale } from '../i18n/locale.ts'
import type { QuestionTypeName } from '../questions/registry.ts'
import type { Diagram } from '../render/diagram.ts'
import type { Heading } from '../render/markdown.ts'
import type { ChallengeTexts } from './challenge-texts.ts'
import type { Domain, Exam, HandsOnPool } from './exams.ts'
import type { ReadyMadeFields } from './exercises.ts'
import type { PlannedStepFields } from './workshops.ts'

export type Section =
  | 'architecture'
  | 'pod'
  | 'workloads'
  | 'scheduling'
  | 'networking'
  | 'storage'
  | 'security'
  | 'operations'

export interface Topic {
  id: string
  section: Section
  /** What it is written in. */
  locale: Locale
  title: string
  /** False for what no simulated cluster has: nothing on it can be run. */
  simulated: boolean
  /** Of `content/topics.yaml`, from 1. */
  line: number
}

export interface ScenarioStep {
  at: number
  apply?: string
  create?: string
  args?: string
  run?: string
  helm?: string
  /** A line in a shell on that node, as root. */
  node?: string
  line?: string
  stdin?: string
  fault?: Fault
  evict?: { selector: string; first: 'ready' }
}

export type Expectation =
  | { cel: string; at?: number }
  | { stdout: number; includes: string }
  | { event: { object: string; reason: string } }

/** What runs in a lesson's demo or behind a predict question. */
export interface ScenarioBody extends Omit<ClusterShape, 'absentImages' | 'dns' | 'namespace'> {
  start?: string
  absent: string[]
  duration: number
  steps: ScenarioStep[]
}

export interface Demo extends ScenarioBody {
  id: string
  title: string
  /** What the reader is to say before the run; Markdown in a line. */
  predict?: string
  show: ('objects' | 'events' | 'timeline' | 'sequence')[]
  /** `pods/NAMESPACE/NAME` */
  sequence?: string
  /** The step whose manifest may be changed. */
  edit?: number
  /** Lines of that manifest, without the spaces around them, of which the lesson speaks. */
  mark?: string[]
  expect: Expectation[]
  /** Where its block starts in the lesson's file. */
  line: number
}

/** A form whose settings a simulated cluster plays out. */
export interface Explorer {
  id: ExplorerId
  title: string
  presets: ExplorerPreset[]
  /** Where its block starts in the lesson's file. */
  line: number
}

export interface ExplorerPreset {
  name: string
  /** The controls that differ from the form's first state. */
  settings: Record<string, string>
  /** Texts that the run's table must hold. */
  shows: string[]
}

export type LessonPart = { html: string } | { demo: Demo } | { explorer: Explorer } | { diagram: Diagram }

export interface Lesson {
  /** `section/slug` */
  id: string
  section: Section
  /** What it is written in. */
  locale: Locale
  title: string
  order: number
  minutes: number
  summary: string
  topics: string[]
  sources: { title: string; url: string }[]
  parts: LessonPart[]
  headings: Heading[]
  hash: string
}

export interface Question {
  id: string
  section: Section
  /** What it is written in. */
  locale: Locale
  title: string
  type: QuestionTypeName
  difficulty: number
  topics: string[]
  exam: { [E in Exam]?: Domain<E> }
  /** `section/slug#heading`. A question without a lesson has sources. */
  lesson?: string
  sources?: { title: string; url: string }[]
  trap: boolean
  /** The fields of its type, key included. */
  data: unknown
  /** Markdown, may hold `{{param}}`. */
  prompt: string
  explanation: string
  hash: string
}

export interface Challenge {
  id: string
  /** What it is written in. */
  locale: Locale
  title: string
  summary: string
  /** Markdown, may hold `{{param}}`. */
  statement: string
  debrief: string
  /** Always the original's: what is graded has one language. */
  spec: ChallengeSpec
  /** What of it learners read, in `locale`. */
  texts: ChallengeTexts
  hash: string
  /** What the hash is made of: kept with the first attempt on it. */
  files: Record<string, string>
}

export interface Track {
  id: string
  /** Among the tracks. */
  order: number
  /** What it is written in. */
  locale: Locale
  title: string
  summary: string
  /** For whom it is and how to go it; HTML. */
  about: string
  /** How many it is written for; else it takes an hour a day. */
  days?: number
  steps: { kind: 'lesson' | 'question' | 'challenge'; id: string }[]
}

/** A workshop that somebody can lead as it is. */
export interface WorkshopPlan {
  id: string
  /** Among the workshops. */
  order: number
  /** What it is written in. */
  locale: Locale
  title: string
  summary: string
  /** For whom it is and what to prepare; HTML. */
  about: string
  steps: PlannedStep[]
}

/** What its front matter says of a step, with what whoever leads it is told. */
export type PlannedStep = PlannedStepFields & {
  /** HTML. */
  guide: string
}

/** A hiring exercise that somebody can use as it is. */
export type ReadyMadeExercise = ReadyMadeFields & {
  id: string
  /** What it is written in. */
  locale: Locale
  /** For whom it is, and what to look at; HTML. */
  about: string
}

/** What study notes say, and what is so today. */
export interface OldNote {
  id: string
  section: Section
  /** What it is written in. */
  locale: Locale
  /** Markdown in a line. */
  says: string
  today: string
  /** What teaches it: `lesson:pod/probes`. */
  items: string[]
}

/** By exam and group. */
export type HandsOn = Readonly<Partial<Record<HandsOnPool, Readonly<Record<string, readonly string[]>>>>>

export interface Catalog {
  topics: Map<string, Topic>
  lessons: Map<string, Lesson>
  questions: Map<string, Question>
  challenges: Map<string, Challenge>
  tracks: Map<string, Track>
  workshops: Map<string, WorkshopPlan>
  exercises: Map<string, ReadyMadeExercise>
  oldNotes: OldNote[]
  /** The ids of the challenges of each hands-on exam, by group. */
  handsOn: HandsOn
  /** Former names to present ones, as `question:pod/probes`. */
  moved?: ReadonlyMap<string, string>
  /** The same in other languages; of what has no translation that is up to date, the original. */
  translations?: ReadonlyMap<Locale, Catalog>
}

/** A desk: a task with its cluster, editor and terminal, wherever it is worked on. */
import type { Item } from '../../practice/items.ts'
import type { Task } from '../../practice/open-attempt.ts'
import type { Page } from '../../render/page.ts'
import type { Attempt } from '../../storage/types.ts'

/** A task on somebody's desk. */
export interface Desk {
  task: Task
  /** The address of its page. */
  href: string
  /** Whether it is told at once what holds, what helps and what it would earn. In an exam all that comes after the end. */
  isOpenBook: boolean
  section: Page['section']
  /** It is sat in an exercise: the variant is drawn, and at most it is told which of the visible checks hold. */
  sat?: { showsChecks: boolean }
  /** It is somebody else's, who has agreed to it: what only its owner decides is not there. */
  isHelp?: true
  /** Where who has passed goes on; the next step of their track unless told. */
  next?: Pick<Item, 'href' | 'title'>
  /** Told before what was handed in is graded. */
  whenHandedIn?(attempt: Attempt): Promise<void>
  /** What stands around the desk: the page of an exam. */
  frame?: {
    template: string
    model: object
    scripts: readonly string[]
    /** What a new grade changes of it. */
    whenGraded?(): Promise<FramePart>
  }
}

/** A part of the page around the desk, drawn anew. */
export interface FramePart {
  /** Of the element whose content it is. */
  id: string
  template: string
  model: object
}

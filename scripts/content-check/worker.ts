/** One proof in a thread of its own. */
import { loadCatalog } from '../../server/catalog/load.ts'
import { type ProofOptions, type ProofResult, proveChallenge } from '../../server/labs/proofs/challenge-proofs.ts'
import { proveLesson, proveQuestion } from '../../server/labs/proofs/lesson-proofs.ts'

export interface ProofTask {
  kind: 'challenge' | 'lesson' | 'question'
  id: string
}

let loading: ReturnType<typeof loadCatalog> | undefined

export default async function prove({
  task,
  content,
  options,
}: {
  task: ProofTask
  content: string | string[]
  options: ProofOptions
}): Promise<ProofResult> {
  loading ??= loadCatalog(content)
  const { catalog } = await loading
  const { kind, id } = task
  if (kind === 'challenge') return proveChallenge(content, catalog.challenges.get(id)!, options)
  return kind === 'lesson' ? proveLesson(catalog.lessons.get(id)!) : proveQuestion(catalog.questions.get(id)!, options)
}

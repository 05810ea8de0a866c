/** A site with a job whose candidates have handed in, and reviewers who came by their links. */
import assert from 'node:assert/strict'
import { closeWhatIsDue } from '../../../server/practice/closing-exercise.ts'
import { visitor } from '../support.ts'
import { clock, hiring, member } from './hiring-site.ts'

/** The exercise of the tests, open; `sits` has somebody work on it, `reviewer` has somebody review. */
export async function reviewing(over: Parameters<typeof hiring>[0] = {}) {
  const time = clock()
  const site = await hiring({ now: time.now, ...over })
  const { deps, id, job, exercise, mara, invites } = site
  await site.act('open')
  const look = () => closeWhatIsDue({ ...deps, onError: (error) => assert.fail(String(error)) }, new Set())
  const known = new Set<string>()

  /** @param isWorked a question is answered and a line is run @param isIn it is handed in and graded */
  const sits = async (name: string, { isWorked = true, isIn = true, terms = {} as Record<string, string> } = {}) => {
    const link = await invites(name, terms)
    const [seat] = (await site.seats()).filter((one) => !known.has(one.id))
    known.add(seat!.id)
    const guest = await visitor(site.app)
    await guest.post(link, { do: 'consent', grading: 'yes' }).expect(200)
    await guest.post(`${link}/start`).expect(303)
    if (isWorked) {
      time.pass(3)
      await guest.post(`${link}/questions/pod/always/answer`, { answer: 'b' }).expect(303)
      await guest
        .post(`${link}/challenges/three-pods/draft`, { file: 'web.yaml', content: 'kind: Deployment # mended' })
        .expect(204)
      time.pass(2)
      await guest.post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'describe pod web-1' }).expect(303)
      await guest
        .post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'scale deployment web --replicas=3' })
        .expect(303)
      await guest.post(`${link}/work`, { do: 'note', text: 'Asked a model about <probes>.' }).expect(303)
      time.pass(1)
    }
    if (isIn) {
      await guest.post(`${link}/hand-in`).expect(303)
      await look()
    }
    const n = seat!.candidate!.blindName.split(' ')[1]!.toLowerCase()
    return {
      ...{ guest, link, n, seat: seat!, seatId: { sittingId: id, participantId: seat!.id } },
      href: `${exercise}/candidates/${n}`,
    }
  }

  const invitesReviewer = async (): Promise<string> => {
    const { text } = await mara.post(`${job}/reviewers`, { do: 'invite' }).expect(200)
    return /\/review\/[a-f0-9]{54}/.exec(text)![0]
  }
  const reviewer = async (name: string) => {
    const one = await member(site, name)
    await one
      .post(await invitesReviewer(), { name })
      .expect(303)
      .expect('location', '/hiring/reviews')
    return { ...one, learnerId: (await deps.accounts.find(name))!.learnerId }
  }
  return { ...site, time, look, sits, invitesReviewer, reviewer }
}

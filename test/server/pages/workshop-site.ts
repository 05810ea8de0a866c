/** A site with a workshop that is planned, whoever leads it, and whoever joins. */
import { createTestApp, visitor } from '../support.ts'

const passphrase = 'acorn river maple stone olive'

type Site = Awaited<ReturnType<typeof createTestApp>>

/** Somebody who may lead workshops. */
export async function instructor({ app, deps }: Site, name = 'ines') {
  const guest = await visitor(app)
  await guest.post('/account', { name, which: 'own', own: passphrase, again: passphrase }).expect(303)
  await deps.staff.grant((await deps.accounts.find(name))!, 'instructor', null)
  const token = /name="_csrf" value="([^"]+)"/.exec((await guest.get('/help')).text)![1]!
  return {
    ...guest,
    post: (path: string, fields: Record<string, string | readonly string[]> = {}) => {
      const form = new URLSearchParams({ _csrf: token })
      for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) form.append(name, one)
      return guest.agent.post(path).type('form').send(form.toString())
    },
  }
}

/** A workshop of all steps of the first track, and how one of its people is made. */
export async function planned(over: Parameters<typeof createTestApp>[0] = {}) {
  const site = await createTestApp(over)
  const ines = await instructor(site)
  const { location } = (await ines.post('/workshops/new').expect(303)).headers
  const id = location!.split('/').at(-1)!
  await ines.post(location!, { title: 'Pods, by hand', do: 'track', track: 'first' }).expect(303)
  const { room } = (await site.deps.rooms.find(id))!
  const steps = async () => (await site.deps.rooms.room(id)).steps
  const joins = async (nickname: string) => {
    const guest = await visitor(site.app)
    const { text } = await guest.post(`/j/${room.code}`, { nickname, do: 'join' }).expect(200)
    return { ...guest, words: /class="join-words" lang="en">([^<]+)</.exec(text)![1]! }
  }
  const act = (pressed: string, text = '') => ines.post(`/workshops/${id}/act`, { do: pressed, text })
  return { ...site, ines, id, code: room.code, steps, joins, act }
}

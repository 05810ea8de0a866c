import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { defineAct } from '../act.ts'

/** A track was made one's own, perhaps with a day by which one wants to be through; or left. The item is the track. */
export const followed = defineAct({
  name: 'followed',
  version: 1,
  upgrades: [],
  schema: z.object({ isOn: z.boolean(), until: z.iso.date().nullable() }),
  words: ({ data: { isOn, until } }) =>
    isOn
      ? until === null
        ? { text: msg('Chose a track') }
        : { text: msg('Chose a track, to finish by {day}'), values: { day: until } }
      : { text: msg('Left a track') },
})

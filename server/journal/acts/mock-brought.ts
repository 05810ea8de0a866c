import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { mockContent } from '../../storage/mock-schema.ts'
import { defineAct } from '../act.ts'

/** A mock exam or interview came in whole: from before journals, from a file, or from another journal where it went on otherwise. */
export const mockBrought = defineAct({
  name: 'mock-brought',
  version: 1,
  upgrades: [],
  schema: z.object({ mock: mockContent }),
  words: ({ data }) => ({
    text: data.mock.kind === 'interview' ? msg('Brought a mock interview along') : msg('Brought a mock exam along'),
  }),
})

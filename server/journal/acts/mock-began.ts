import { z } from 'zod'
import { msg } from '../../i18n/translate.ts'
import { mockContent } from '../../storage/mock-schema.ts'
import { defineAct } from '../act.ts'

/** A mock exam or interview was begun, with the questions or tasks that were drawn. */
export const mockBegan = defineAct({
  name: 'mock-began',
  version: 1,
  upgrades: [],
  schema: z.object({ mock: mockContent }),
  words: ({ data }) => ({
    text: data.mock.kind === 'interview' ? msg('Began a mock interview') : msg('Began a mock exam'),
  }),
})

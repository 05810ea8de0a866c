/**
 * Questions as a package of QTI 3.0 (https://www.imsglobal.org/spec/qti/v3p0): items that other systems ask and score as this one does, and a test of
 * them. Types whose judging needs the simulator or a person are left out. Pure.
 */
import { strToU8, zipSync } from 'fflate'
import sanitizeHtml from 'sanitize-html'
import type { Question } from '../catalog/types.ts'
import { escapeHtml } from '../escape-html.ts'
import { languageTags } from '../i18n/locale.ts'
import type { NumericQuestion } from '../questions/numeric.ts'
import type { OptionsQuestion } from '../questions/options.ts'
import type { ShortQuestion } from '../questions/short.ts'
import type { TrueFalseQuestion } from '../questions/true-false.ts'
import { renderInline, renderMarkdown } from '../render/markdown.ts'

const itemSpace = 'http://www.imsglobal.org/xsd/imsqtiasi_v3p0'
const packageSpace = 'http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1'
const templates = 'https://purl.imsglobal.org/spec/qti/v3p0/rptemplates'

/** What an item says in a prompt or a choice: of HTML what QTI has as well, well-formed. */
const xhtml = (html: string): string =>
  sanitizeHtml(html, {
    allowedTags: [
      ...['p', 'br', 'pre', 'code', 'em', 'strong', 'ul', 'ol', 'li', 'blockquote', 'hr', 'sub', 'sup', 'a', 'span'],
      ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
    ],
    allowedAttributes: { a: ['href'], span: ['class'], code: ['class'] },
    allowedSchemes: ['https'],
  })

interface Asked {
  cardinality: 'single' | 'multiple'
  type: 'identifier' | 'string' | 'float'
  correct: readonly string[]
  /** Points of each answer; all or nothing without. */
  mapping?: string
  interaction: string
}

const choice = (choices: readonly { id: string; html: string }[], most: number): string =>
  [
    `<qti-choice-interaction response-identifier="RESPONSE" shuffle="true" max-choices="${most}">`,
    ...choices.map(({ id, html }) => `<qti-simple-choice identifier="${idOf(id)}">${xhtml(html)}</qti-simple-choice>`),
    '</qti-choice-interaction>',
  ].join('\n')

const entry = '<p><qti-text-entry-interaction response-identifier="RESPONSE" expected-length="40"/></p>'

/** @returns undefined for what cannot be asked and scored elsewhere */
function askedBy({ type, data }: Question): Asked | undefined {
  switch (type) {
    case 'single': {
      const { options } = data as OptionsQuestion
      const correct = options.filter((one) => one.correct).map(({ id }) => idOf(id))
      const choices = options.map(({ id, text }) => ({ id, html: renderInline(text) }))
      return { cardinality: 'single', type: 'identifier', correct, interaction: choice(choices, 1) }
    }
    case 'multiple': {
      const { options } = data as OptionsQuestion
      const right = options.filter((one) => one.correct)
      // As in exams here: a wrong pick cancels a right one, and there is nothing below 0.
      const points = (isRight: boolean) => ((isRight ? 1 : -1) / right.length).toFixed(6)
      const entries = options.map(
        ({ id, correct }) => `<qti-map-entry map-key="${idOf(id)}" mapped-value="${points(correct)}"/>`,
      )
      return {
        ...{ cardinality: 'multiple', type: 'identifier', correct: right.map(({ id }) => idOf(id)) },
        mapping: `<qti-mapping lower-bound="0" upper-bound="1" default-value="0">\n${entries.join('\n')}\n</qti-mapping>`,
        interaction: choice(
          options.map(({ id, text }) => ({ id, html: renderInline(text) })),
          0,
        ),
      }
    }
    case 'true-false': {
      const { answer } = data as TrueFalseQuestion
      const choices = [
        { id: 'true', html: 'True' },
        { id: 'false', html: 'False' },
      ]
      const correct = [idOf(String(answer))]
      return { cardinality: 'single', type: 'identifier', correct, interaction: choice(choices, 1) }
    }
    case 'short': {
      const { accept, caseSensitive } = data as ShortQuestion
      const entries = accept.map(
        (form) => `<qti-map-entry map-key="${escapeHtml(form)}" mapped-value="1" case-sensitive="${caseSensitive}"/>`,
      )
      return {
        ...{ cardinality: 'single', type: 'string', correct: [accept[0]!], interaction: entry },
        mapping: `<qti-mapping lower-bound="0" upper-bound="1" default-value="0">\n${entries.join('\n')}\n</qti-mapping>`,
      }
    }
    case 'numeric': {
      const { kind, answer, tolerance } = data as NumericQuestion
      // Quantities and durations have many forms, which QTI does not compare.
      if (kind !== 'number' || Number(tolerance) !== 0) return undefined
      return { cardinality: 'single', type: 'float', correct: [String(answer)], interaction: entry }
    }
    default:
      return undefined
  }
}

/** A name that XML takes, whatever it begins with. */
const idOf = (id: string): string => `i-${id.replaceAll(/[^\w-]/g, '-')}`

export const isExportable = (question: Question): boolean => askedBy(question) !== undefined

/** @returns undefined for what cannot be asked and scored elsewhere */
export function itemOf(question: Question): string | undefined {
  const asked = askedBy(question)
  if (!asked) return undefined
  const { id, title, prompt, locale } = question
  const values = asked.correct.map((value) => `<qti-value>${escapeHtml(value)}</qti-value>`).join('\n')
  return `<?xml version="1.0" encoding="UTF-8"?>
<qti-assessment-item xmlns="${itemSpace}" identifier="${idOf(id)}" title="${escapeHtml(title)}" adaptive="false" time-dependent="false" xml:lang="${languageTags[locale]}">
<qti-response-declaration identifier="RESPONSE" cardinality="${asked.cardinality}" base-type="${asked.type}">
<qti-correct-response>
${values}
</qti-correct-response>
${asked.mapping ?? ''}
</qti-response-declaration>
<qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float" normal-maximum="1" normal-minimum="0">
<qti-default-value><qti-value>0</qti-value></qti-default-value>
</qti-outcome-declaration>
<qti-item-body>
<div>${xhtml(renderMarkdown(prompt))}</div>
${asked.interaction}
</qti-item-body>
<qti-response-processing template="${templates}/${asked.mapping ? 'map_response' : 'match_correct'}.xml"/>
</qti-assessment-item>
`
}

/** A package of those that can be asked elsewhere, and how many they are. The same questions give the same bytes. */
export function packageOf(title: string, questions: readonly Question[]): { zip: Uint8Array; count: number } {
  const items = questions.flatMap((question) => {
    const xml = itemOf(question)
    return xml === undefined ? [] : [{ id: idOf(question.id), href: `items/${idOf(question.id)}.xml`, xml }]
  })
  const test = `<?xml version="1.0" encoding="UTF-8"?>
<qti-assessment-test xmlns="${itemSpace}" identifier="podium-test" title="${escapeHtml(title)}">
<qti-test-part identifier="part" navigation-mode="nonlinear" submission-mode="individual">
<qti-assessment-section identifier="section" title="${escapeHtml(title)}" visible="true">
${items.map(({ id, href }) => `<qti-assessment-item-ref identifier="${id}" href="${href}"/>`).join('\n')}
</qti-assessment-section>
</qti-test-part>
</qti-assessment-test>
`
  const manifest = `<?xml version="1.0" encoding="UTF-8"?>
<manifest xmlns="${packageSpace}" identifier="podium-package">
<metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata>
<organizations/>
<resources>
<resource identifier="podium-test" type="imsqti_test_xmlv3p0" href="test.xml">
<file href="test.xml"/>
${items.map(({ id }) => `<dependency identifierref="${id}"/>`).join('\n')}
</resource>
${items
  .map(
    ({ id, href }) =>
      `<resource identifier="${id}" type="imsqti_item_xmlv3p0" href="${href}"><file href="${href}"/></resource>`,
  )
  .join('\n')}
</resources>
</manifest>
`
  const files = {
    'imsmanifest.xml': manifest,
    'test.xml': test,
    ...Object.fromEntries(items.map(({ href, xml }) => [href, xml])),
  }
  const bytes = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))
  return { zip: zipSync(bytes, { mtime: '1980-01-02T00:00:00' }), count: items.length }
}

/**
 * Questions as a package of QTI 3.0 (https://www.imsglobal.org/spec/qti/v3p0): items that other systems ask and score as this one does, and a test of
 * them. Types whose judging needs the simulator or a person are left out. Pure.
 */
import { strToU8, zipSync } from 'fflate'
import sanitizeHtml from 'sanitize-html'
import type { Question } from '../catalog/types.ts'
import { escapeHtml } from '../escape-html.ts'
import { languageTags } from '../i18n/locale.ts'
import type { MatchQuestion } from '../questions/match.ts'
import type { NumericQuestion } from '../questions/numeric.ts'
import type { OptionsQuestion } from '../questions/options.ts'
import type { OrderQuestion } from '../questions/order.ts'
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
  cardinality: 'single' | 'multiple' | 'ordered'
  type: 'identifier' | 'string' | 'float' | 'directedPair'
  correct: readonly string[]
  /** Points of each answer. */
  mapping?: string
  /** What is 1 in all is the score. Without this and points for each answer it is all or nothing. */
  score?: string
  interaction: string
}

const choice = (choices: readonly { id: string; html: string }[], most: number): string =>
  [
    `<qti-choice-interaction response-identifier="RESPONSE" shuffle="true" max-choices="${most}">`,
    ...choices.map(({ id, html }) => `<qti-simple-choice identifier="${idOf(id)}">${xhtml(html)}</qti-simple-choice>`),
    '</qti-choice-interaction>',
  ].join('\n')

/** @param points by answer */
const mappingOf = (points: readonly (readonly [string, number])[], attributes = ''): string =>
  [
    '<qti-mapping lower-bound="0" upper-bound="1" default-value="0">',
    ...points.map(
      ([key, value]) =>
        `<qti-map-entry map-key="${escapeHtml(key)}" mapped-value="${value === 1 ? '1' : value.toFixed(6)}"${attributes}/>`,
    ),
    '</qti-mapping>',
  ].join('\n')

/** As here: a pair of steps in the right order earns what one in the wrong order costs, down to nothing. QTI tells what stands at a place, not where something stands. */
function pointsOfPairs(ids: readonly string[]): string {
  const places = ids.map((_, n) => n + 1)
  const stands = (id: string, place: number): string =>
    `<qti-match><qti-index n="${place}"><qti-variable identifier="RESPONSE"/></qti-index><qti-base-value base-type="identifier">${id}</qti-base-value></qti-match>`
  const pairs = ids.flatMap((first, n) => ids.slice(n + 1).map((second) => [first, second] as const))
  const isInOrder = ([first, second]: readonly [string, string]): string =>
    places
      .flatMap((place) =>
        places
          .filter((later) => later > place)
          .map((later) => `<qti-and>${stands(first, place)}${stands(second, later)}</qti-and>`),
      )
      .join('\n')
  const point = (1 / pairs.length).toFixed(6)
  return [
    ...pairs.map(
      (pair) =>
        `<qti-response-condition><qti-response-if><qti-or>\n${isInOrder(pair)}\n</qti-or>${addToScore(point)}</qti-response-if></qti-response-condition>`,
    ),
    lessWhatIsWrong,
  ].join('\n')
}

const float = (value: string): string => `<qti-base-value base-type="float">${value}</qti-base-value>`

/** Of the share that is right, what is left once the rest is taken away. */
const lessWhatIsWrong = [
  `<qti-response-condition><qti-response-if><qti-gt><qti-variable identifier="SCORE"/>${float('0.5')}</qti-gt>`,
  `<qti-set-outcome-value identifier="SCORE"><qti-subtract><qti-product><qti-variable identifier="SCORE"/>${float('2')}</qti-product>${float('1')}</qti-subtract></qti-set-outcome-value></qti-response-if>`,
  `<qti-response-else><qti-set-outcome-value identifier="SCORE">${float('0')}</qti-set-outcome-value></qti-response-else></qti-response-condition>`,
].join('\n')

const addToScore = (point: string): string =>
  `<qti-set-outcome-value identifier="SCORE"><qti-sum><qti-variable identifier="SCORE"/><qti-base-value base-type="float">${point}</qti-base-value></qti-sum></qti-set-outcome-value>`

const giveOrTake = (margin: number): string =>
  `<qti-response-condition><qti-response-if><qti-equal tolerance-mode="absolute" tolerance="${margin} ${margin}"><qti-variable identifier="RESPONSE"/><qti-correct identifier="RESPONSE"/></qti-equal>${addToScore('1')}</qti-response-if></qti-response-condition>`

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
      const points = options.map(({ id, correct }) => [idOf(id), (correct ? 1 : -1) / right.length] as const)
      return {
        ...{ cardinality: 'multiple', type: 'identifier', correct: right.map(({ id }) => idOf(id)) },
        mapping: mappingOf(points),
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
      const points = accept.map((form) => [form, 1] as const)
      return {
        ...{ cardinality: 'single', type: 'string', correct: [accept[0]!], interaction: entry },
        mapping: mappingOf(points, ` case-sensitive="${caseSensitive}"`),
      }
    }
    case 'numeric': {
      const { kind, answer, tolerance } = data as NumericQuestion
      // Quantities and durations have many forms, which QTI does not compare.
      if (kind !== 'number') return undefined
      const asked: Asked = { cardinality: 'single', type: 'float', correct: [String(answer)], interaction: entry }
      return Number(tolerance) === 0 ? asked : { ...asked, score: giveOrTake(Number(tolerance)) }
    }
    case 'order': {
      const { items } = data as OrderQuestion
      const ids = items.map(({ id }) => idOf(id))
      // They are shuffled there; what does not shuffle shows them by their texts.
      const shown = items.toSorted((a, b) => (a.text < b.text ? -1 : 1))
      return {
        ...{ cardinality: 'ordered', type: 'identifier', correct: ids, score: pointsOfPairs(ids) },
        interaction: [
          '<qti-order-interaction response-identifier="RESPONSE" shuffle="true" orientation="vertical">',
          ...shown.map(
            ({ id, text }) =>
              `<qti-simple-choice identifier="${idOf(id)}">${xhtml(renderInline(text))}</qti-simple-choice>`,
          ),
          '</qti-order-interaction>',
        ].join('\n'),
      }
    }
    case 'match': {
      const { pairs, extra } = data as MatchQuestion
      const rights = [...new Set([...pairs.map(({ right }) => right), ...extra])].sort()
      const rightId = (text: string): string => `right-${rights.indexOf(text) + 1}`
      const correct = pairs.map(({ id, right }) => `${idOf(id)} ${rightId(right)}`)
      const side = (choices: readonly string[]): string =>
        ['<qti-simple-match-set>', ...choices, '</qti-simple-match-set>'].join('\n')
      const one = (id: string, text: string, most: number): string =>
        `<qti-simple-associable-choice identifier="${id}" match-max="${most}">${xhtml(renderInline(text))}</qti-simple-associable-choice>`
      return {
        ...{ cardinality: 'multiple', type: 'directedPair', correct },
        mapping: mappingOf(correct.map((pair) => [pair, 1 / pairs.length])),
        interaction: [
          `<qti-match-interaction response-identifier="RESPONSE" shuffle="true" max-associations="${pairs.length}">`,
          side(pairs.map(({ id, left }) => one(idOf(id), left, 1))),
          side(rights.map((text) => one(rightId(text), text, 0))),
          '</qti-match-interaction>',
        ].join('\n'),
      }
    }
    default:
      return undefined
  }
}

const processingOf = ({ score, mapping }: Asked): string =>
  score === undefined
    ? `<qti-response-processing template="${templates}/${mapping ? 'map_response' : 'match_correct'}.xml"/>`
    : `<qti-response-processing>\n${score}\n</qti-response-processing>`

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
${processingOf(asked)}
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

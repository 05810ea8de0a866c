// The English of the interface reads as a native engineer writes it: some ways to say things are foreign to it, and found by their form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { englishTextsIn } from './texts-used.ts'

interface Pattern {
  name: string
  isIn: (sentence: string) => boolean
  caught: string[]
  left: string[]
}

const matches = (pattern: RegExp) => (sentence: string) => pattern.test(sentence)

const patterns: Pattern[] = [
  {
    name: 'a sentence that begins with “Who” and asks nothing',
    isIn: (sentence) => /^Who(?:se|m)?(?:ever)? /.test(sentence) && !/\?[”"’)]*$/.test(sentence),
    caught: [
      'Who teaches the course picks.',
      'It is closed. Whoever is at work goes on.',
      '<b>Who led:</b> {name}',
      'Who plays: {names}',
    ],
    left: ['Who wins?', 'Deliver everything: who wins?', 'Who', 'See who is here.'],
  },
  {
    name: '“only who”',
    isIn: matches(/\bonly who(?:se|m|ever)?\b/i),
    caught: ['Only who leads it can end it.', 'It is shown to only whoever asks.'],
    left: ['Only those who lead it can end it.'],
  },
  {
    name: '“for whoever”',
    isIn: matches(/\bfor who(?:m|so)?ever\b/i),
    caught: ['For whoever comes later'],
    left: ['Tell whoever runs this server.', 'For whom?'],
  },
  {
    name: '“is no” for “is not a”',
    isIn: matches(/(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|better\b|worse\b)[a-z{]/i),
    caught: ['“{word}” is no name.', 'These are no steps.', '{word} is no {kind}'],
    left: ['There is no room.', 'Here there are no hints.', 'It is no longer here.', 'Is it there? No node is.'],
  },
  {
    name: '“another than”',
    isIn: matches(/\banother(?: [\w-]+)? than\b/i),
    caught: ['Choose another one than before.', 'It has another name than the file.'],
    left: ['Choose another one.', 'Another run took longer than this.'],
  },
  {
    name: '“look whether”, “look what”',
    isIn: matches(/\blook (?:whether|what)\b/i),
    caught: ['Look whether it is ready.', 'Then look what happens.'],
    left: ['Look at what happens.', 'Check whether it is ready.'],
  },
  {
    name: '“Right is”',
    isIn: matches(/\bRight (?:is|are)\b/),
    caught: ['Right is: {answer}'],
    left: ['What is right is right.'],
  },
  {
    name: 'words of old books',
    isIn: matches(/\b(?:mend|mends|mended|wish|wishes|wished|for want of)\b/i),
    caught: ['Mend the cluster.', 'As you wish.', 'It waits for want of room.'],
    left: ['Repair the cluster.', 'recommended'],
  },
]

/** Without markup, which may stand before the first word. */
function sentencesOf(text: string): string[] {
  return text
    .replace(/<\/?[a-z]+>/g, '')
    .split(/(?<=[.!?][”"’)]*)\s+/)
    .map((sentence) => sentence.replace(/^[\s“"‘(]+/, ''))
}

const texts = englishTextsIn(['server', 'sim', 'views', 'static'])

for (const { name, isIn, caught, left } of patterns) {
  test(`no text of the interface has ${name}`, () => {
    assert.ok(texts.size > 10, `only ${texts.size} texts were found`)
    assert.deepEqual(
      [...texts].filter(([text]) => sentencesOf(text).some(isIn)).map(([text, path]) => `${path}: ${text}`),
      [],
    )
  })

  test(`${name} is found, and its neighbours are left alone`, () => {
    assert.deepEqual(
      [...caught, ...left].filter((text) => sentencesOf(text).some(isIn)),
      caught,
    )
  })
}

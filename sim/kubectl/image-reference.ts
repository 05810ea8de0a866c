/** What kubectl takes for the name of an image. Source: github.com/distribution/reference, ReferenceRegexp */

const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const tag = '\\w[\\w.-]{0,127}'
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'

const rule = new RegExp(`^(?:${domain}/)?${part}(?:/${part})*(?::${tag})?(?:@${digest})?$`)

export const isImageReference = (text: string): boolean => rule.test(text)

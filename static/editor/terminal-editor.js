/** The editors of the terminal, in place of its screen: vim and nano. A bundle of its own, loaded when the first is opened. */
import { openNano } from './terminal/nano.js'
import { openVim } from './terminal/vim.js'

/**
 * @param place where it is drawn: `host`, the terminal's screen; `request`, what the server asks to be edited; `save`, which keeps a text
 *   and gives why not; `leave`, after which `close` of the editor is called; `tell`, what a screen reader is told
 */
export const openEditor = (place) => (place.request.program === 'nano' ? openNano(place) : openVim(place))

/** A step of the build: compresses scripts and styles, which every visitor loads, better than there is time for while one waits. */
import { compressAssets } from './assets.ts'

const { characters, bytes } = compressAssets()
console.log(`compressed: ${Math.round(characters / 1000)} kB to ${Math.round(bytes / 1000)} kB`)

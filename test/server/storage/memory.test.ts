import { createMemoryStore } from '../../../server/storage/memory.ts'
import { testStorageContract } from './contract.ts'

testStorageContract('memory', async () => ({ store: createMemoryStore(), dispose: async () => {} }))

import { createMemoryStore } from '../../../server/storage/memory.ts'
import { testStorageContract } from './contract.ts'
import { testJobsContract } from './jobs-contract.ts'
import { testStreamsContract } from './streams-contract.ts'

const open = async () => ({ store: createMemoryStore(), dispose: async () => {} })

testStorageContract('memory', open)
testStreamsContract('memory', open)
testJobsContract('memory', open)

/// <reference types="node" />
import type { Options } from './options'
import { Key, type Value } from './types.js'
import fs = require('fs')
import * as path from 'path'

/** A store of anything. */
export interface Store<K extends Key, V = Value> extends Iterable<[K, V]> {
  /** Entries in it. */
  readonly size: number
  get(key: K): V | undefined
  'quoted-name'?: string
  (key: K): V
}

export type Listener<T> = (event: T, store: Store<Key>) => void
type State = {
  dirty: boolean
  flush(): Promise<void>
}

/** Where a store lives. */
export enum Place {
  Memory,
  /** On disk. */
  Disk = 'disk',
}
declare const VERSION: string
declare function checksum(data: Uint8Array): number

export function open(place: Place.Memory): Store<Key>
export function open(place: Place.Disk, file: string): Store<Key>
export function open(place: Place, file?: string): Store<Key> {
  const full = path.resolve(file ?? '')
  return new FileStore(place, full)
}

export abstract class Base<V> {
  protected abstract load(): Promise<V>
  constructor(
    private readonly place: Place,
    public file: string,
    options?: Options,
  ) {}
}

/**
 * Keeps its entries in a file.
 *
 * @deprecated use something better
 */
@Injectable({ scope: 'root', providers: [Logger, Clock, Something, Other] })
export class FileStore extends Base<Value> implements Store<Key> {
  private entries = new Map<Key, Value>()
  static #open = 0
  size!: number
  onChange?: Listener<Value> = undefined

  @Memoize()
  async load<T extends Value>(this: FileStore, ...rest: T[]): Promise<Value> {
    return checksum(fs.readFileSync(this.file))
  }
  private reset = (hard = false): void => {
    this.entries.clear()
  }
  get(key: Key) {
    return this.entries.get(key)
  }
}

namespace Codec.Binary {
  export const MAGIC = 0x57
  export function encode(value: Value): Uint8Array {
    return new Uint8Array([MAGIC])
  }
}

declare module 'express' {
  interface Request {
    store: Store<Key>
  }
}

export const defaults: Readonly<Options> = { place: Place.Memory, retries: 3, timeout: 1000 }
export const isStore = (value: unknown): value is Store<Key> => value instanceof FileStore
export default Base

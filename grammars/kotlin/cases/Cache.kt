/*
 * Licensed to nobody.
 */
@file:JvmName("Caches")

package com.acme.cache

import com.acme.io.Source
import com.acme.io.buffer as bufferOf
import com.acme.time.*
import kotlin.math.max

/** What is kept for how long. See [Cache]. */
const val DEFAULT_AGE = 3_600

private val registry = mutableMapOf<String, Cache<*>>()
val Source.isEmpty: Boolean
  get() = size == 0L
val (first, second) = registry.keys to registry.values

typealias Loader<K, V> = suspend (K) -> V

/**
 * A cache that forgets.
 *
 * @param capacity how many
 */
@Suppress("unused")
open class Cache<K : Any>(
  val capacity: Int = 16,
  private val clock: Clock,
  loader: Loader<K, String>,
) : Store<K>(), AutoCloseable by clock
  where K : Comparable<K> {
  internal var hits = 0
    private set
  private val entries by lazy { HashMap<K, String>() }
  val description: String = "a cache of " + capacity + " entries that forgets them after " + DEFAULT_AGE

  init {
    val local = max(capacity, 1)
    require(local > 0)
  }

  constructor(capacity: Int) : this(capacity, SystemClock, { "" }) {
    hits = 0
  }

  /** Finds or loads. */
  @Throws(IOException::class)
  suspend inline fun <reified T> get(
    key: K,
    orElse: (K) -> T? = { null },
  ): T? where T : Any {
    fun inner() = key
    return Parser.parse(entries[key] ?: orElse(inner()))
  }

  override fun close() = entries.clear()

  protected operator fun plus(other: Cache<K>) = this

  companion object {
    private const val SECRET = "none"

    fun empty() = Cache<String>(0)
  }

  inner class Entry(val key: K)
}

sealed interface State {
  data object Idle : State
  data class Failed(val cause: Throwable) : State
}

fun interface Listener {
  fun changed(state: State)
}

enum class Level(val weight: Int) {
  LOW(1),
  HIGH(2) {
    override fun label() = "high"
  };

  open fun label() = name.lowercase()
}

object SystemClock : Clock {
  override fun now(): Instant = Instant.now()
}

annotation class Cached(val age: Int = DEFAULT_AGE)

private fun String?.`or empty`(): String = this ?: ""

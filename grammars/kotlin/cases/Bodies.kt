package io.store

internal open class First {
    fun f() {}
}

public sealed interface Res<out T : Any> : Base<T> {
    fun get(): T
}

private data object Here

@Serializable
internal abstract class Visitor<R>(val depth: Int) : Base(), Other by depth { val seen = 1 }

@Marker public final class Bare

internal fun interface Step { fun run() }

protected inline value class Id(val raw: Long) {
    private companion object Factory { const val ZERO = 0L }
}

internal expect annotation class Jvm

public actual enum class Mode { ON { override fun next() = OFF }, OFF; abstract fun next(): Mode }

sealed class Result { object Loading : Result() ; object Done : Result() { val at = 1 } }

object Registry { val names = listOf("}", "${"x".let { it }}") } // why }

class Outer { class Inner { class Deep {val q = 1} } inner class Two { fun m() {} } }

class Delegate : Reader by reader { val a = 1 }

class Scope { context(log: Log, tx: Transaction<Int>) fun save() {} }

context(log: Log)
private suspend inline fun <T> traced(block: () -> T): T = block()

fun anonymous(): Reader = object : Reader { override fun read() = 1 }

fun local() {
    internal open class Inside { val x = 1 }
    data object Single
    val reader = data
    open(reader)
}

fun last() = First::class

internal external interface Stats<T> {
    var size: T
}

@Marker @Other("x")
internal
// why
open class Apart<T>

@Marker abstract class Generic<T> { fun g(): T }

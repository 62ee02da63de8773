/*
 * Licensed to nobody.
 */
package acme
package stream

import acme.io.{Reader, Writer => Out, _}
import scala.collection.mutable
import util.Try, acme.time.Clock

/** A source of elements, read once.
  *
  * @tparam A what it gives
  */
sealed abstract class Stream[+A](val name: String, private val size: Int = 16)(implicit clock: Clock)
    extends Source[A]
    with Closeable {
  type Element <: A
  protected val buffer: mutable.Buffer[Any] = mutable.Buffer.empty[Any].padTo(size, null.asInstanceOf[Any])
  private[stream] var position, mark = 0
  lazy val first: Option[A] = None

  /** Gives the next one. */
  @throws[IOException]("when closed")
  def next[B >: A](default: => B)(implicit ev: B <:< AnyRef): Either[Error, B] = {
    val local = Reader.read(buffer)
    def inner(x: Int) = x + 1
    Right(default)
  }

  def close(): Unit

  final override def toString = s"stream $name"
}

object Stream extends StreamInstances {
  def apply[A](elements: A*): Stream[A] = new Many(elements)
  implicit class Ops[A](private val self: Stream[A]) extends AnyVal {
    def ++(other: Stream[A]): Stream[A] = self
  }
}

private[acme] case class Many[A](elements: Seq[A]) extends Stream[A]("many")

trait StreamInstances {
  implicit def functor: Functor[Stream] = ???
  val Limit: Int
}

case object Empty extends Stream[Nothing]("empty")

package object syntax {
  type Id[A] = A
  def now(): Instant = Clock.system.instant
}

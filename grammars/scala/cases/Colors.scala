package acme.colors

import acme.io.*
export Color.{Red, Green}

enum Color(val rgb: Int) derives Eq:
  case Red extends Color(0xff0000)
  case Mixed(parts: List[Color])

trait Show[A]:
  extension (a: A) def show: String

given intShow: Show[Int] with
  extension (a: Int) def show: String = a.toString

opaque type Meters = Double

def blend(a: Color, b: Color)(using mixer: Mixer): Color =
  mixer.mix(a, b)

@main def run(args: String*): Unit = println(blend(Color.Red, Color.Red))

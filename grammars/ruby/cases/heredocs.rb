# Heredocs in interpolations end where they say.

out =
  <<~ABC
    Top
    #{
      <<~DEF
        Middle
      DEF
    }
    Bottom
  ABC
def one; end

x = <<~A
 #{y.map { |z| <<~B }.join}
  in
 B
 out
A
def two; end

message = "a #{<<-TEXT.strip} c"
  def inside; end
  TEXT
def three; end

list = [<<~ONE, <<~TWO]
  #{call(<<~"IN HERE", <<~'RAW')}
  a
  IN HERE
  #{not code
  RAW
ONE
  two #{if z
    <<~`CMD`
      ls #{<<~DEEP}
        deep
      DEEP
    CMD
  end}
TWO
def four; end

pattern = /a #{<<~R}/
  r
R
words = %W(#{<<~W} b)
  w
W
module Last; def five; end; end

package p;

import java.util.*;

/** Annotations of types, wherever a type stands. */
class TypeUse {
    void g(int[] @A ... xs) {}

    List<@Valid M> h(Map<@K String, @V ?> m) { return null; }

    /** Several of them. */
    static <T> void i(final T @A @org.x.B(value = ") ...") [] @C("x") ... rest) {}

    TypeUse(String @A... names) {}

    @A int @B [] @C [] j(java.util.@D List<@E ? extends @F X> x) throws @G Exception { return null; }

    Object k = (Runner) (String @A ... x) -> 1;

    record R(@A String @B ... xs) {
        int l() { return 0; }
    }

    interface I {
        void m(T[] @A
            ... xs);
    }

    int n(Object o) {
        return switch (o) {
            case Point(@A int x, @B(1) var y) -> x;
            default -> 0;
        };
    }

    void last() {}
}

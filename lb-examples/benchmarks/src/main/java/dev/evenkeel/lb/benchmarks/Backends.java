package dev.evenkeel.lb.benchmarks;

/** What every subject is made of: the same backends with the same weights. */
final class Backends {
    static final int PORT = 8080;

    private Backends() {}

    /** An address; distinct up to 65,536. */
    static String host(int index) {
        return "10.0." + (index >> 8) + "." + (index & 255);
    }

    /** 1 to 8 in turn. */
    static int weight(int index) {
        return 1 + (index & 7);
    }
}

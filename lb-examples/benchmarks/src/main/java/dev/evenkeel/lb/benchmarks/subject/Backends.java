package dev.evenkeel.lb.benchmarks.subject;

/** What every subject is made of: the same backends with the same weights. */
public final class Backends {
    /** Of every backend. */
    public static final int PORT = 8080;

    private Backends() {}

    /** An address; distinct up to 65,536. */
    public static String host(int index) {
        return "10.0." + (index >> 8) + "." + (index & 255);
    }

    /** 1 to 8 in turn. */
    public static int weight(int index) {
        return 1 + (index & 7);
    }
}

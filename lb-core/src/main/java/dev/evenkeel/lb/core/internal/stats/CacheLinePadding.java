package dev.evenkeel.lb.core.internal.stats;

/**
 * 128 bytes in front of the fields of a subclass: what one thread writes must not share a cache line (or the neighbour that
 * is fetched with it) with what another one reads. {@code @Contended} is the JDK's own.
 *
 * <p>A subclass pads its own end. The JVM sorts the fields of a class by size before it goes by their order, so its fields
 * and its pad must all be of one size: a pad of {@code long}s would come before {@code int}s.
 */
public abstract class CacheLinePadding {
    /** Fills the gap after the header, which the JVM would give to an {@code int} of the subclass. */
    int p;

    long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;

    /** Nothing to set: the fields are never used. */
    protected CacheLinePadding() {}
}

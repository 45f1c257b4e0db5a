package dev.evenkeel.lb.core.internal.stats;

/**
 * 128 bytes of padding in front of the fields of a subclass. Fields that one thread writes must not share a cache line,
 * or the adjacent line that is prefetched with it, with fields that another thread reads. {@code @Contended} is
 * reserved for the JDK.
 *
 * <p>A subclass pads its own end. The JVM sorts the fields of a class by size first and by declaration order second, so
 * the fields and the padding must have one size: padding of {@code long}s would precede {@code int}s.
 */
public abstract class CacheLinePadding {
    /** Fills the gap after the header, which the JVM would give to an {@code int} of the subclass. */
    int p;

    long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;

    /** Nothing to set: the fields are never used. */
    protected CacheLinePadding() {}
}

package dev.evenkeel.lb.core.stats;

/**
 * 128 bytes in front of the fields of a subclass, which pads its own end: what one thread writes must not share a cache
 * line (or the neighbour that is fetched with it) with what another one reads. {@code @Contended} is the JDK's own.
 */
public abstract class LeadingPad {
    long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;

    /** Nothing to set: the fields are never used. */
    protected LeadingPad() {}
}

package dev.evenkeel.lb.core.internal.limit;

/** A lease that may hold one of the pool's permits, which it can hand on to the next attempt of its call. */
public interface Permit {

    /** Whether the permit is one of this controller. */
    boolean isOf(AdmissionController asked);

    /** Takes the permit that the call has been given. */
    void hold();

    /** Hands the permit on. False if it has none. */
    boolean cede();

    /** Takes back what it has handed on. If it has ended meanwhile, the permit is free. */
    void takeBack();
}

package dev.evenkeel.lb.core.internal.limit;

/** A lease that may hold one of the pool's permits, and can hand it over to the next attempt of its call. */
public interface Permit {

    /** Whether the permit belongs to this controller. */
    boolean isOf(AdmissionController asked);

    /** Takes the permit that the call has been given. */
    void hold();

    /** Hands the permit over. Returns false if the lease has none. */
    boolean cede();

    /** Takes back the permit that was handed over. If the lease has completed meanwhile, the permit is released. */
    void takeBack();
}
